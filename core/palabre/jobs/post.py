"""Brings mail away beside the other work: a slow mail server never holds a publication up."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from palabre.base.errors import Unavailable
from palabre.domains.notifications import service as notifications
from palabre.domains.runtime import Runtime
from palabre.mail.postman import Carrier, Postman

_log = structlog.get_logger(__name__)
LOOK_S: Final = 1.0
"""Between two looks for letters."""
AWAY_S: Final = 5.0
FORGET_S: Final = 3600.0


async def carry_mail(
    runtime: Runtime, carriers: Callable[[], Carrier] | None, *, look_s: float = LOOK_S
) -> None:
    """Bring letters away until cancelled, and remove old ones. Many processes may do so.

    Args:
        runtime: The process's runtime.
        carriers: What ``carrier_of`` returned.
        look_s: Seconds between two looks for letters.
    """
    postman = Postman(runtime.database, runtime.clock, carriers, notifications.mail_failed)
    forgets = 0.0
    while True:
        wait = look_s
        try:
            if await postman.round():
                wait = 0.0  # there may be more
            if time.monotonic() >= forgets:
                await postman.forget()
                forgets = time.monotonic() + FORGET_S
        except Unavailable:
            wait = AWAY_S
        except Exception:  # noqa: BLE001  # logged; letters wait in their table
            _log.exception("mail_round_failed")
            wait = AWAY_S
        await asyncio.sleep(wait)
