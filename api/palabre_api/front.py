"""Around every request: its id, language and client address, security headers, our access log."""

import time
from typing import Any, Final, cast

import structlog
from litestar import Litestar
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import (
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Message,
    Receive,
    Scope,
    Send,
)

from palabre.base.settings import Settings
from palabre.base.words import choose_locale
from palabre_api import idempotency
from palabre_api.address import TrustedProxies
from palabre_api.call import Call, current

_log = structlog.get_logger("palabre.access")
_ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "x-frame-options": "DENY",
}
_POPUP: Final = "/connect/"
"""Pages of the connect window: no COOP, else the window loses the page that opened it."""


class Front(Litestar):
    """The application with what happens around routing, so that a 404 has it too."""

    def __init__(self, settings: Settings, **config: Any) -> None:
        super().__init__(**config)
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._secure = settings.secure
        self._policy = _content_policy(settings)

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer one request."""
        if str(scope["type"]) != "http":
            await super().__call__(scope, receive, send)
            return
        await self._answer(cast("Scope", scope), receive, send)

    async def _answer(
        self, scope: Scope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        call = self._call(scope)
        token = current.set(call)
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if call.taken is not None:
                    await idempotency.settle(self.state.runtime, call, status)
                self._add_headers(call, message)
            await send(message)  # type: ignore[arg-type]  # an HTTP scope has an HTTP send

        try:
            await super().__call__(scope, receive, sending)
        finally:
            _note(call, scope, status)
            current.reset(token)

    def _call(self, scope: Scope) -> Call:
        headers = Headers.from_scope(scope)
        peer = (scope.get("client") or ("", 0))[0]
        return Call(
            method=scope["method"],  # type: ignore[typeddict-item]  # an HTTP scope has a method
            path=scope["path"],
            locale=choose_locale(headers.get("accept-language")),
            ip=self._proxies.client(peer, headers.getall("x-forwarded-for", [])),
            user_agent=headers.get("user-agent", "")[:300],
        )

    def _add_headers(self, call: Call, message: Message) -> None:
        headers = MutableScopeHeaders.from_message(message)
        headers["x-request-id"] = call.request_id
        wanted = dict(_ALWAYS)
        if call.standing is not None:
            wanted.update({k.lower(): v for k, v in call.standing.headers().items()})
        popup = call.path.startswith(_POPUP)
        wanted["content-security-policy"] = self._policy + ("" if popup else "; form-action 'self'")
        if not popup:
            wanted["cross-origin-opener-policy"] = "same-origin-allow-popups"
        if call.path.startswith("/v1/"):
            wanted["cache-control"] = "no-store"
        if self._secure:
            wanted["strict-transport-security"] = "max-age=31536000"
        for name, value in wanted.items():
            headers.setdefault(name, value)


def _content_policy(settings: Settings) -> str:
    pictures = " ".join(filter(None, (settings.content_url, settings.simulator_origin, "https:")))
    return (
        "default-src 'self'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' data: blob: {pictures}; media-src 'self' blob: {settings.content_url}; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def _note(call: Call, scope: Scope, status: int) -> None:
    """Log the route, never query or body: both may carry secrets or personal data."""
    _log.info(
        "request",
        method=call.method,
        route=scope.get("path_template", ""),
        status=status,
        ms=round((time.perf_counter() - call.started) * 1000, 1),
        client=str(call.scope.client_ids[0]) if call.scope and call.scope.client_ids else None,
        request_id=call.request_id,
    )
