"""The daily check of an account, as work."""

from datetime import timedelta
from typing import Final

import structlog

from palabre.base.errors import Conflict, NotAllowed, NotFound, Unavailable
from palabre.db.scope import Scope
from palabre.domains.accounts import health
from palabre.domains.runtime import Runtime
from palabre.outbox import work
from palabre.outbox.work import Claimed

LATER: Final = timedelta(hours=1)
"""When the platform does not answer, it is asked again after this time."""

_log = structlog.get_logger(__name__)


async def check_account(runtime: Runtime, claimed: Claimed) -> None:
    """Check one account and finish the work, or hand it back when the platform does not answer."""
    scope = Scope.of_client(claimed.agency_id, claimed.client_id)
    try:
        await health.check(runtime, scope, claimed.subject_id)
    except Unavailable as error:
        due = runtime.clock.now() + LATER
        async with runtime.database.transaction(scope) as tx:
            await work.hand_back(tx, claimed, due, error=error.code)
        return
    except (NotFound, Conflict, NotAllowed) as error:
        _log.info("check_skipped", account=str(claimed.subject_id), reason=type(error).__name__)
    async with runtime.database.transaction(scope) as tx:
        await work.finish(tx, claimed)
