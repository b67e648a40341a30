"""The demo's mailbox: every mail the product wrote, to be read and followed on screen."""

from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from palabre.base.errors import NotFound
from palabre.base.pages import Page
from palabre.domains.runtime import Runtime
from palabre.mail.service import Caught, caught, caught_html
from palabre_api.deps import GivenRuntime, public

MOST: Final = 50
_FRAMED: Final = {
    "content-security-policy": "sandbox allow-top-navigation-by-user-activation; "
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'",
    "x-frame-options": "SAMEORIGIN",
}
"""The mail's styles are inline, as in every mail; it may do nothing else."""


@get(
    "/v1/mail-catcher",
    operation_id="listCaughtMails",
    opt=public("the demo's mailbox: whoever resets a password has no session"),
)
async def list_caught(
    runtime: GivenRuntime,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[Caught]:
    """Return the demo's mails, newest first. Elsewhere than in the demo there is no such thing."""
    _only_in_the_demo(runtime)
    async with runtime.database.unscoped() as tx:
        return await caught(tx, limit, cursor)


@get(
    "/v1/mail-catcher/{mail_id:uuid}/page",
    operation_id="showCaughtMail",
    opt=public("the demo's mailbox: whoever resets a password has no session"),
    media_type="text/html",
)
async def show_caught(runtime: GivenRuntime, mail_id: FromPath[UUID]) -> Response[str]:
    """Return one mail as a page for a frame: no script runs, nothing loads, links leave the frame.

    Elsewhere than in the demo there is no such thing.
    """
    _only_in_the_demo(runtime)
    async with runtime.database.unscoped() as tx:
        html = await caught_html(tx, mail_id)
    page = html.replace("<head>", '<head><base target="_top">', 1)
    return Response(page, media_type="text/html", headers=_FRAMED)


def _only_in_the_demo(runtime: Runtime) -> None:
    if runtime.settings.environment != "demo" or runtime.settings.smtp_url:
        raise NotFound


handlers = [list_caught, show_caught]
