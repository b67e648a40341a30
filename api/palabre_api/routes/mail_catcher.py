"""The demo's mailbox: every mail the product wrote, to be read and followed on screen."""

from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from palabre.base.errors import NotFound
from palabre.base.pages import Page
from palabre.mail.service import Caught, caught
from palabre_api.deps import GivenRuntime, public

MOST = 50


@get(
    "/v1/mail-catcher",
    operation_id="listCaughtMails",
    opt=public("the demo's mailbox: whoever resets a password has no session"),
)
async def list_caught(
    runtime: GivenRuntime,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 20,
    cursor: str | None = None,
) -> Page[Caught]:
    """Return the demo's mails, newest first. Elsewhere than in the demo there is no such thing."""
    if runtime.settings.environment != "demo" or runtime.settings.smtp_url:
        raise NotFound
    async with runtime.database.unscoped() as tx:
        return await caught(tx, limit, cursor)


handlers = [list_caught]
