"""What every answer has: the error shape, headers, language, limits, and a declared route."""

import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.routes import HTTPRoute

from palabre.base.settings import Settings
from palabre.domains.identity.actions import ACTIONS
from palabre_api.address import TrustedProxies
from palabre_api.deps import public
from palabre_api.docs import schema
from palabre_api.gate import undeclared
from palabre_api.problems import problem_of
from tests.support.api import Api, World, assert_error, running_app

PUBLIC = {
    "register",
    "signIn",
    "exchangeLink",
    "refresh",
    "verifyAddress",
    "askPasswordReset",
    "resetPassword",
    "lookAtInvitation",
    "acceptInvitation",
    "getPublicKey",
    "getPublicBranding",
    "listCaughtMails",
    "showCaughtMail",
    "healthLive",
    "healthReady",
    "dashboard",
    "asset",
    "favicon",
    "reference",
    "openapi",
    "docsStyle",
    "docsScript",
}
"""Open to everybody besides the pages of the connect window and signed files."""
PAGES = re.compile(r"^/(connect|content)(/|$)")


def _handlers(app: Litestar) -> list[tuple[str, Any]]:
    return [
        (route.path, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"}
    ]


def test_every_route_is_declared_and_the_public_ones_are_these(app: Litestar) -> None:
    assert undeclared(app) == []
    handlers = _handlers(app)
    opened = {h.operation_id for path, h in handlers if "public" in h.opt and not PAGES.match(path)}
    assert opened == PUBLIC
    assert all(len(h.opt["public"]) > 10 for _, h in handlers if "public" in h.opt)
    used = {h.opt["action"] for _, h in handlers if "action" in h.opt}
    assert used <= set(ACTIONS)
    names = {h.operation_id for _, h in handlers}
    assert None not in names


def test_a_route_that_declares_nothing_stops_the_start() -> None:
    @get("/v1/forgotten")
    async def forgotten() -> None:
        """Declare nothing."""

    @get("/v1/wrong", opt={"action": "clients.read"})
    async def wrong() -> None:
        """Need a client without naming one."""

    found = undeclared(Litestar([forgotten, wrong], openapi_config=None))
    assert len(found) == 2


async def test_errors_of_the_server_itself_have_the_shape(api: Api, world: World) -> None:
    assert_error(await api.get("/v1/nothing"), 404, "not_found")
    assert_error(await api.post("/nothing"), 404, "not_found")
    wrong = await api.delete("/v1/clients")
    assert_error(wrong, 405, "method_not_allowed")
    owner = await api.as_(world.owner)
    json_type = {"content-type": "application/json"}
    broken = await owner.call("POST", "/v1/clients", content=b"{", headers=json_type)
    assert_error(broken, 400, "not_decodable")
    large = await owner.call("POST", "/v1/clients", content=b" " * 1_000_001, headers=json_type)
    assert_error(large, 413, "too_large")
    as_text = await owner.call("POST", "/v1/clients", content=b"{}")
    assert_error(as_text, 415, "unsupported_body")
    assert_error(await owner.get("/v1/clients/no-uuid"), 404, "not_found")


async def test_a_crash_tells_the_request_and_nothing_else(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    @get("/v1/crash", operation_id="crash", opt=public("only in this test"))
    async def crash() -> None:
        raise RuntimeError("token=very-secret")

    async with running_app(settings) as app:
        app.register(crash)
        answer = await Api(app).get("/v1/crash", headers={"accept-language": "fr"})
    details = assert_error(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert details["request_id"] == answer.headers["x-request-id"]
    assert "Une erreur" in answer.json()["error"]["message"]


async def test_security_headers(api: Api) -> None:
    for path in ("/v1/me", "/nothing", "/health/live", "/docs"):
        headers = (await api.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
        assert headers["referrer-policy"]
    popup = await api.get("/connect/01a1fc2b-7d91-78ea-8375-0f7aad3790b3")
    assert "cross-origin-opener-policy" not in popup.headers


async def test_the_reference_describes_every_operation_and_loads_nothing_foreign(
    app: Litestar, api: Api
) -> None:
    page = await api.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    assert all(address.startswith("/docs/") for address in loaded)
    for address in loaded:
        assert (await api.get(address)).status_code == 200
    document = (await api.get("/docs/openapi.json")).json()
    assert document == schema.document(app)
    for item in document["paths"].values():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page.text
            assert "503" in operation["responses"]
            for status, answer in operation["responses"].items():
                if status >= "400":
                    content = answer["content"]["application/json"]
                    assert content["schema"]["$ref"].endswith("/ErrorAnswer")


async def test_pages_of_the_dashboard_and_its_files(api: Api) -> None:
    page = await api.get("/c/teranga/publications")
    built = (Path(schema.__file__).parents[1] / "static" / "dashboard" / "index.html").is_file()
    assert page.status_code == (200 if built else 503)
    assert page.headers["content-type"].startswith("text/html")
    style = await api.get("/docs/reference.css")
    again = await api.get("/docs/reference.css", headers={"if-none-match": style.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await api.get("/assets/../app.py")).status_code == 404
    assert (await api.get("/assets/%2e%2e/%2e%2e/app.py")).status_code == 404


async def test_idempotency(api: Api, world: World) -> None:
    editor, path = await api.as_(world.editor), f"{world.path}/brands"
    key = {"Idempotency-Key": "once"}
    first = await editor.post(path, {"name": "One"}, headers=key)
    second = await editor.post(path, {"name": "One"}, headers=key)
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers
    other = await editor.post(path, {"name": "Two"}, headers=key)
    assert_error(other, 422, "idempotency_key_reused", field="Idempotency-Key")
    assert len((await editor.get(path)).json()["items"]) == 1
    failed = await editor.post(path, {"name": ""}, headers={"Idempotency-Key": "again"})
    assert_error(failed, 422, "invalid")
    mended = await editor.post(path, {"name": "Three"}, headers={"Idempotency-Key": "again"})
    assert mended.status_code == 201


@pytest.mark.parametrize(
    ("message", "field", "code"),
    [
        ("Object missing required field `name`", "name", "required"),
        ("Object contains unknown field `x` - at `$.a`", "a.x", "unknown"),
        ("Expected `str`, got `int` - at `$.name`", "name", "wrong_type"),
        ("Expected `str` of length <= 5 - at `$.items[0].text`", "items.text", "too_long"),
        ("Invalid UUID - at `$.id`", "id", "not_valid"),
        ("Expected `int` >= 1", "limit", "too_small"),
    ],
)
def test_messages_of_the_decoder_become_fields(message: str, field: str, code: str) -> None:
    problem = problem_of(message, "limit")
    assert (problem.field, problem.code) == (field, code)


def test_forwarded_addresses_count_only_from_our_proxies() -> None:
    proxies = TrustedProxies(["10.0.0.0/8"])
    assert proxies.client("203.0.113.9", ["1.2.3.4"]) == "203.0.113.9"
    assert proxies.client("10.0.0.1", ["6.6.6.6, 1.2.3.4, 10.0.0.7"]) == "1.2.3.4"
    assert proxies.client("10.0.0.1", ["6.6.6.6", "1.2.3.4"]) == "1.2.3.4"
    assert proxies.client("10.0.0.1", []) == "10.0.0.1"
