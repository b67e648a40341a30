"""What we know of the request being answered: its id, language, caller and kept answer."""

import time
from contextvars import ContextVar
from typing import Any

from msgspec import Struct, field

from palabre.base.ids import new_id
from palabre.db.scope import Scope
from palabre.domains.identity.access import Principal
from palabre.domains.identity.limits import Standing


class Call(Struct, kw_only=True):
    """One request, made before routing and kept in ``current`` until it is answered."""

    method: str
    path: str
    locale: str
    ip: str
    user_agent: str
    request_id: str = field(default_factory=lambda: new_id().hex)
    started: float = field(default_factory=time.perf_counter)
    principal: Principal | None = None
    standing: Standing | None = None
    """What is left of the caller's bucket; goes out as headers."""
    scope: Scope | None = None
    taken: str | None = None
    """Idempotency-Key taken outside of the call's transaction, to be settled at its end."""
    answer: Any = None
    """The response as it goes out, kept for a repeat with the same Idempotency-Key."""
    hides: str = ""
    """Field of the answer that is shown once and never kept."""


current: ContextVar[Call] = ContextVar("palabre_call")
"""The call of the running task. Set outside of Litestar, so every hook sees it."""
