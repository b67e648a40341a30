"""What is to be told of a publication to the people concerned, in every language."""

from uuid import UUID

from msgspec import Struct

from palabre.base.words import LOCALES
from palabre.db.door import Tx
from palabre.domains.accounts import service as accounts
from palabre.domains.publishing import machine, views
from palabre.domains.publishing.machine import PublicState
from palabre.domains.publishing.records import Who
from palabre.domains.runtime import Runtime


class Telling(Struct, frozen=True, kw_only=True):
    """How a publication stands, for a notice."""

    state: PublicState
    waits_for_person: bool
    account: str
    platform: str
    permalink: str
    created_by: UUID | None
    why: dict[str, str]
    """Why it is not out, by language; empty where nothing is wrong."""
    who: Who | None
    """Who acts."""


async def telling(runtime: Runtime, tx: Tx, publication_id: UUID) -> Telling:
    """Return what is to be told of a publication.

    Raises:
        NotFound: The scope does not see it.
    """
    row = await machine.read(tx, publication_id)
    account = await accounts.account_row(tx, row.account_id)
    reasons = {locale: views.reason(runtime, row, account, locale) for locale in LOCALES}
    known = {locale: one for locale, one in reasons.items() if one is not None}
    held_for_person = row.state == "held" and row.held_reason in views.RETRIED_BY_HAND
    return Telling(
        state=machine.public(row.state),
        waits_for_person=held_for_person or (row.state == "unknown" and row.needs_person),
        account=account.name,
        platform=accounts.plugin_name(runtime.registry, account.plugin),
        permalink=row.permalink or "",
        created_by=row.created_by,
        why={locale: one.message for locale, one in known.items()},
        who=next((one.who for one in known.values()), None),
    )
