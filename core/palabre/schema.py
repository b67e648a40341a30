"""Every table of the product, loaded: what migrations and the schema check compare with."""

from sqlalchemy import MetaData

import palabre.audit.tables
import palabre.db.silos
import palabre.domains.accounts.tables
import palabre.domains.agencies.tables
import palabre.domains.branding.tables
import palabre.domains.content.tables
import palabre.domains.enabling.tables
import palabre.domains.identity.tables
import palabre.domains.keys.tables
import palabre.domains.media.tables
import palabre.domains.notifications.tables
import palabre.domains.publishing.tables
import palabre.mail.tables
import palabre.outbox.tables
import palabre.vault.tables  # noqa: F401
from palabre.db.tables import metadata


def all_tables() -> MetaData:
    """Return the metadata with every table declared."""
    return metadata
