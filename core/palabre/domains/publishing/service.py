"""Publications: made, listed, decided on; what other rooms may call."""

from palabre.domains.publishing.deciding import cancel, resolve, retry
from palabre.domains.publishing.holding import (
    held_counts,
    hold_account,
    needs_file,
    release_account,
    release_plugin,
)
from palabre.domains.publishing.listing import page, page_of_all, show
from palabre.domains.publishing.making import Created, Remark, check_time, create, validate
from palabre.domains.publishing.telling import Telling, telling
from palabre.domains.publishing.validation import Checked, Finding
from palabre.domains.publishing.views import Publication
from palabre.domains.publishing.waking import BELL

__all__ = [
    "BELL",
    "Checked",
    "Created",
    "Finding",
    "Publication",
    "Remark",
    "Telling",
    "cancel",
    "check_time",
    "create",
    "held_counts",
    "hold_account",
    "needs_file",
    "page",
    "page_of_all",
    "release_account",
    "release_plugin",
    "resolve",
    "retry",
    "show",
    "telling",
    "validate",
]
