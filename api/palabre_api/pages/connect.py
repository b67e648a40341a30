"""The connect window: why and what we ask, leave for the platform, come back, choose, done.

These pages send no COOP header, else the window would lose the page that opened it.
"""

import hmac
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from palabre.base.errors import Conflict, Invalid, NotFound, PalabreError
from palabre.db.scope import Scope
from palabre.domains.accounts import service
from palabre.domains.agencies import service as agencies
from palabre.domains.runtime import Runtime
from palabre.sdk.errors import PluginError
from palabre_api.call import current
from palabre_api.deps import GivenRuntime, public
from palabre_api.pages.render import HEADERS, page

COOKIE_S: Final = 900
"""Seconds the browser keeps the cookie that recognises it: an attempt and its choice."""
_LONGEST: Final = 2048
"""Characters of a parameter a platform sends back; codes are far shorter."""
_WHY: Final = "the window opens before anybody is known; state and cookie bind it to its browser"

PlainRequest = Request[Any, Any, Any]


@get("/connect.js", operation_id="connectScript", opt=public(_WHY), include_in_schema=False)
async def script() -> Response[bytes]:
    """Return the one script of these pages."""
    body = files("palabre_api.pages").joinpath("static", "connect.js").read_bytes()
    headers = {"cache-control": "public, max-age=300"}
    return Response(body, media_type="text/javascript", headers=headers)


@get("/{attempt_id:uuid}", operation_id="connectStart", opt=public(_WHY), include_in_schema=False)
async def start(runtime: GivenRuntime, attempt_id: FromPath[UUID]) -> Response[Any]:
    """Say who asks for what, or how the attempt ended."""
    scope, locale = await _known(runtime, attempt_id)
    async with runtime.database.transaction(scope) as tx:
        shown = await service.show_attempt(runtime, tx, attempt_id, locale=locale)
        facts = await service.attempt_facts(tx, attempt_id)
    if shown.state == "connected":
        return _to(f"/connect/{attempt_id}/done")
    if shown.error is not None and shown.state != "choosing":
        again = shown.state in {"refused", "failed"}
        return _problem(locale, shown.error.message, facts=facts, again=again)
    plugin = shown.adapter.partition(".")[0]
    scopes = runtime.registry.manifest(plugin).scopes
    sentences = [runtime.registry.say(plugin, locale, need.sentence_key) for need in scopes]
    return page(
        "start",
        locale,
        attempt=attempt_id,
        platform=service.plugin_name(runtime.registry, plugin),
        person=facts.started_by_name,
        account=facts.account_name,
        sentences=sentences,
        **await _names(runtime, scope),
    )


@post(
    "/{attempt_id:uuid}/continue",
    operation_id="connectContinue",
    opt=public(_WHY, body="form"),
    include_in_schema=False,
)
async def leave(
    request: PlainRequest, runtime: GivenRuntime, attempt_id: FromPath[UUID]
) -> Response[Any]:
    """Give the browser its cookie and send it to the platform."""
    _own_form(request, runtime)
    scope, _ = await _known(runtime, attempt_id)
    try:
        leaving = await service.leave(runtime, scope, attempt_id, _cookie(request, runtime))
    except PluginError:
        return _to(f"/connect/{attempt_id}")
    answer = _to(service.public_link(runtime.settings, leaving.url))
    answer.set_cookie(
        Cookie(
            key=_cookie_name(runtime),
            value=leaving.cookie,
            path="/",
            max_age=COOKIE_S,
            httponly=True,
            samesite="lax",
            secure=runtime.settings.secure,
        )
    )
    return answer


@get(
    "/callback/{adapter:str}",
    operation_id="connectCallback",
    opt=public(_WHY),
    include_in_schema=False,
)
async def come_back(
    request: PlainRequest, runtime: GivenRuntime, adapter: FromPath[str]
) -> Response[Any]:
    """Take the browser back; what the platform sent leaves the address bar at once."""
    params = {name: value for name, value in request.query_params.items() if len(value) <= _LONGEST}
    call = current.get()
    returned = await service.come_back(
        runtime,
        adapter,
        _cookie(request, runtime),
        params,
        ip=call.ip,
        user_agent=call.user_agent,
    )
    rest = "/choose" if returned.state == "choosing" else ""
    return _to(f"/connect/{returned.attempt_id}{rest}")


@get(
    "/{attempt_id:uuid}/choose",
    operation_id="connectChoices",
    opt=public(_WHY),
    include_in_schema=False,
)
async def choices(
    request: PlainRequest, runtime: GivenRuntime, attempt_id: FromPath[UUID]
) -> Response[Any]:
    """Show what the consent reaches."""
    return await _choices(request, runtime, attempt_id)


@post(
    "/{attempt_id:uuid}/choose",
    operation_id="connectChoose",
    opt=public(_WHY, body="form"),
    include_in_schema=False,
)
async def choose(
    request: PlainRequest, runtime: GivenRuntime, attempt_id: FromPath[UUID]
) -> Response[Any]:
    """Connect what was chosen."""
    _own_form(request, runtime)
    scope, _ = await _known(runtime, attempt_id)
    row = await service.recognise_browser(runtime, scope, attempt_id, _cookie(request, runtime))
    form = await request.form()
    call = current.get()
    acting = service.acting(scope, row, call.ip, call.user_agent)
    chosen = [str(value) for value in form.getall("remote_ids", [])]
    try:
        await service.choose(runtime, acting, attempt_id, chosen)
    except Invalid as error:
        sentence = error.problems[0].message(row.locale)
        return await _choices(request, runtime, attempt_id, sentence)
    return _to(f"/connect/{attempt_id}/done")


@get(
    "/{attempt_id:uuid}/done", operation_id="connectDone", opt=public(_WHY), include_in_schema=False
)
async def done(runtime: GivenRuntime, attempt_id: FromPath[UUID]) -> Response[Any]:
    """Say that it worked, tell the opener, close. The page holds no data of the client."""
    scope, locale = await _known(runtime, attempt_id)
    async with runtime.database.transaction(scope) as tx:
        facts = await service.attempt_facts(tx, attempt_id)
    if facts.state != "connected":
        return _to(f"/connect/{attempt_id}")
    return page("done", locale, attempt=attempt_id, channel=facts.channel, origin=facts.origin)


async def _choices(
    request: PlainRequest, runtime: Runtime, attempt_id: UUID, problem: str = ""
) -> Response[Any]:
    scope, locale = await _known(runtime, attempt_id)
    await service.recognise_browser(runtime, scope, attempt_id, _cookie(request, runtime))
    async with runtime.database.transaction(scope) as tx:
        shown = await service.show_attempt(runtime, tx, attempt_id, locale=locale)
        facts = await service.attempt_facts(tx, attempt_id)
    if shown.state != "choosing":
        return _to(f"/connect/{attempt_id}")
    able = [one.remote_id for one in shown.choices if one.connectable]
    wanted = {facts.account_remote_id} if facts.account_remote_id else set(able)
    found = {one.remote_id for one in shown.choices}
    return page(
        "choose",
        locale,
        status=422 if problem else 200,
        attempt=attempt_id,
        choices=shown.choices,
        any_connectable=bool(able),
        chosen=wanted if len(wanted) == 1 and not problem else set(),
        wrong=facts.account_name if facts.account_remote_id not in {"", *found} else "",
        problem=problem,
        platform=service.plugin_name(runtime.registry, shown.adapter.partition(".")[0]),
        **await _names(runtime, scope),
    )


async def _known(runtime: Runtime, attempt_id: UUID) -> tuple[Scope, str]:
    """Return the attempt's scope and the language of the person who began it."""
    scope = await service.scope_of(runtime.database, attempt_id)
    async with runtime.database.transaction(scope) as tx:
        facts = await service.attempt_facts(tx, attempt_id)
    return scope, facts.locale


async def _names(runtime: Runtime, scope: Scope) -> dict[str, Any]:
    """Return the names of client and agency, so that a person sees for whom they consent."""
    agency = await agencies.read_agency(runtime, scope.agency_id)
    async with runtime.database.control(scope) as tx:
        client = await agencies.read_client(tx, scope.client_id)
    return {"agency": agency.name, "client": client.name}


def _problem(
    locale: str,
    sentence: str,
    *,
    status: int = 200,
    facts: service.AttemptFacts | None = None,
    again: bool = False,
) -> Response[Any]:
    return page(
        "problem",
        locale,
        status=status,
        sentence=sentence,
        again=again,
        attempt=facts.id if facts else "",
        channel=facts.channel if facts else "",
        origin=facts.origin if facts else "",
    )


def _show_error(request: PlainRequest, error: Exception) -> Response[Any]:  # noqa: ARG001
    """Every refusal is a page that says what to do; the cause of a crash is never shown."""
    locale = current.get().locale
    if isinstance(error, PalabreError):
        return _problem(locale, error.message(locale), status=error.status)
    if isinstance(error, HTTPException) and error.status_code < 500:  # noqa: PLR2004
        return _problem(locale, NotFound("attempt_not_found").message(locale), status=404)
    raise error


def _own_form(request: PlainRequest, runtime: Runtime) -> None:
    """Refuse forms that other sites send (CSRF): browsers name the origin of every form.

    Raises:
        Conflict: The form came from elsewhere, or does not say from where.
    """
    parts = urlsplit(runtime.settings.public_url)
    own = f"{parts.scheme}://{parts.netloc}"
    if not hmac.compare_digest(request.headers.get("origin", ""), own):
        raise Conflict("connect_foreign_form")


def _cookie_name(runtime: Runtime) -> str:
    return "__Host-palabre_connect" if runtime.settings.secure else "palabre_connect"


def _cookie(request: PlainRequest, runtime: Runtime) -> str | None:
    value = request.cookies.get(_cookie_name(runtime), "")
    return value if 32 <= len(value) <= 64 else None  # noqa: PLR2004  # our own are 43 long


def _to(path: str) -> Redirect:
    return Redirect(path, status_code=303, headers=dict(HEADERS))


router = Router(
    path="/connect",
    route_handlers=[script, start, leave, come_back, choices, choose, done],
    exception_handlers={Exception: _show_error},
)
handlers = [router]
