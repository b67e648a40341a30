"""One call per endpoint that changes something, for ``test_every_change``.

An example prepares what the call needs and returns the call itself; its name is the operation's.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import text

from palabre.base.ids import new_id
from palabre.db.scope import Scope
from palabre.domains.identity import service as identity
from palabre_api.app import create_app
from tests.api.test_media import part, png
from tests.faults.bench import Bench
from tests.support.api import PASSWORD, Api, Person, World, make_settings
from tests.support.connecting import Desk
from tests.support.databases import DatabaseUrls
from tests.support.testing_plugin import KEY, SETTINGS

Call = Callable[[], Awaitable[httpx.Response]]


class Stage:
    """The application, its people, and one admin's ways to call it."""

    def __init__(self, app: Litestar, world: World, bench: Bench | None) -> None:
        self.app = app
        self.runtime = app.state.runtime
        self.world = world
        self.nobody = Api(app)
        self._bench = bench
        self.owner = self.admin = self.nobody
        self.caller: Person | None = None

    async def open(self) -> None:
        self.owner = await self.nobody.as_(self.world.owner)
        self.admin = await self.nobody.as_(self.world.admin)

    @property
    def bench(self) -> Bench:
        assert self._bench
        return self._bench

    async def desk(self) -> Desk:
        desk = Desk(self.app, self.admin, self.world.client_id)
        await desk.enable()
        return desk

    def call(self, method: str, path: str, **options: Any) -> Call:
        """Return the call of an admin below the client's path."""
        self.caller = self.world.admin
        headers = {"Idempotency-Key": new_id().hex} if method == "POST" else {}
        return lambda: self.admin.call(method, self.world.path + path, headers=headers, **options)

    async def made(self, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        answer = await self.admin.post(self.world.path + path, body, **options)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]


Example = Callable[[Stage], Awaitable[Call]]
EXAMPLES: Final[dict[str, Example]] = {}


def example(example: Example) -> Example:
    """Take an example whose name is the operation's, in our spelling."""
    words = example.__name__.split("_")
    EXAMPLES[words[0] + "".join(word.title() for word in words[1:])] = example
    return example


@example
async def register(stage: Stage) -> Call:
    body = {"agency_name": "New", "name": "Awa", "email": f"{new_id().hex}@example.org"}
    return lambda: stage.nobody.post("/v1/auth/registrations", body | {"password": PASSWORD})


@example
async def sign_in(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    body = {"email": stage.world.owner.email, "password": PASSWORD}
    return lambda: stage.nobody.post("/v1/auth/sessions", body)


@example
async def exchange_link(stage: Stage) -> Call:
    owner = stage.caller = stage.world.owner
    async with stage.runtime.database.transaction(Scope.of_agency(owner.agency_id)) as tx:
        secret = await identity.create_link(tx, stage.runtime, owner.id, "sign_in")
    return lambda: stage.nobody.post("/v1/auth/links:exchange", {"secret": secret})


@example
async def sign_out(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    return lambda: stage.owner.delete("/v1/auth/sessions/current")


@example
async def choose_notifications(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    body = {"items": [{"kind": "publication_failed", "in_app": True, "email": False}]}
    return lambda: stage.owner.put("/v1/me/notification-preferences", body)


@example
async def edit_me(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    return lambda: stage.owner.patch("/v1/me", {"name": "Awa Diop"})


@example
async def create_client(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    body = {"name": "Ndar Café", "time_zone": "Africa/Dakar"}
    return lambda: stage.owner.post("/v1/clients", body)


@example
async def edit_client(stage: Stage) -> Call:
    return stage.call("PATCH", "", json={"name": "Teranga"})


@example
async def create_brand(stage: Stage) -> Call:
    return stage.call("POST", "/brands", json={"name": "Teranga"})


@example
async def edit_agency_plugin(stage: Stage) -> Call:
    stage.caller = stage.world.owner
    return lambda: stage.owner.put(f"/v1/plugins/{KEY}/settings", {"settings": SETTINGS})


@example
async def edit_client_plugin(stage: Stage) -> Call:
    return stage.call("PUT", f"/plugins/{KEY}", json={"enabled": True, "settings": SETTINGS})


@example
async def start_connecting(stage: Stage) -> Call:
    await stage.desk()
    return stage.call("POST", "/connections/attempts", json={"adapter": KEY})


@example
async def cancel_attempt(stage: Stage) -> Call:
    attempt = await (await stage.desk()).begin()
    return stage.call("DELETE", f"/connections/attempts/{attempt['id']}")


@example
async def choose_accounts(stage: Stage) -> Call:
    attempt_id = await (await stage.desk()).to_choice()
    path = f"/connections/attempts/{attempt_id}/choose"
    return stage.call("POST", path, json={"remote_ids": ["p1"]})


@example
async def connect_choose(stage: Stage) -> Call:
    desk = await stage.desk()
    attempt_id = await desk.to_choice()
    stage.caller = stage.world.admin
    return lambda: desk.browser.post(f"/connect/{attempt_id}/choose", remote_ids=["p1"])


@example
async def disconnect_account(stage: Stage) -> Call:
    [account] = await (await stage.desk()).connect()
    return stage.call("DELETE", f"/accounts/{account['id']}")


@example
async def upload_media(stage: Stage) -> Call:
    return stage.call("POST", "/media", files=part(png()))


@example
async def edit_media(stage: Stage) -> Call:
    media = await stage.made("/media", files=part(png()))
    return stage.call("PATCH", f"/media/{media['id']}", json={"alt_text": "Un marché"})


@example
async def delete_media(stage: Stage) -> Call:
    media = await stage.made("/media", files=part(png()))
    return stage.call("DELETE", f"/media/{media['id']}")


@example
async def create_piece(stage: Stage) -> Call:
    return stage.call("POST", "/pieces", json={"text": "Bonjour"})


@example
async def edit_piece(stage: Stage) -> Call:
    piece = await stage.made("/pieces", {"text": "Bonjour"})
    body = {"version": piece["version"], "text": "Bonsoir"}
    return stage.call("PATCH", f"/pieces/{piece['id']}", json=body)


@example
async def delete_piece(stage: Stage) -> Call:
    piece = await stage.made("/pieces", {"text": "Bonjour"})
    return stage.call("DELETE", f"/pieces/{piece['id']}")


@example
async def create_publications(stage: Stage) -> Call:
    piece_id = await stage.bench.piece("Bonjour")
    body = {"piece_id": str(piece_id), "account_ids": [str(stage.bench.account_id)]}
    return stage.call("POST", "/publications", json=body)


@example
async def cancel_publication(stage: Stage) -> Call:
    return _decide(stage, await stage.bench.publish("Bonjour"), "cancel")


@example
async def retry_publication(stage: Stage) -> Call:
    stage.bench.platform.faults.append("refuse")
    publication_id = await stage.bench.publish("Bonjour")
    await stage.bench.work(publication_id)
    return _decide(stage, publication_id, "retry")


@example
async def resolve_publication(stage: Stage) -> Call:
    publication_id = await stage.bench.publish("Bonjour")
    await stage.bench.claim(publication_id)
    await _sql(stage, "UPDATE publications SET state = 'unknown', needs_person = true")
    return _decide(stage, publication_id, "resolve", json={"online": True})


def _decide(stage: Stage, publication_id: UUID, verb: str, **options: Any) -> Call:
    _, route = ROUTES[f"{verb}Publication"]
    path = re.sub(r"\{publication_id[^}]*\}", str(publication_id), route)
    return stage.call("POST", path.partition("}")[2], **options)


async def _sql(stage: Stage, statement: str) -> None:
    scope = Scope.of_client(stage.world.agency.id, stage.world.client_id)
    async with stage.runtime.database.transaction(scope) as tx:
        await tx.execute(text(statement))


def _with_brand(name: str, prefix: str, api: Callable[[Stage], Api]) -> None:
    """Take the examples of white-label, which agency and client have alike."""

    def of(method: str, path: str, prepare: Any = None, **options: Any) -> Example:
        async def make(stage: Stage) -> Call:
            stage.caller = stage.world.owner if prefix == "/v1" else stage.world.admin
            base = prefix.format(client=stage.world.client_id)
            row = (await prepare(api(stage), base)) if prepare else ""
            return lambda: api(stage).call(method, f"{base}{path.format(row)}", **options)

        return make

    async def with_logo(caller: Api, base: str) -> str:
        answer = await caller.call("POST", f"{base}/branding/logo", files=part(png()))
        assert answer.status_code == 200, answer.text
        return ""

    async def with_domain(caller: Api, base: str) -> str:
        added = await caller.post(f"{base}/domains", {"host": f"{new_id().hex}.{PROVEN}"})
        assert added.status_code == 201, added.text
        TOKEN[:] = [added.json()["token"]]
        return str(added.json()["id"])

    EXAMPLES[f"edit{name}Branding"] = of("PUT", "/branding", json={"colour": "#8C4A2F"})
    EXAMPLES[f"upload{name}Logo"] = of("POST", "/branding/logo", files=part(png()))
    EXAMPLES[f"delete{name}Logo"] = of("DELETE", "/branding/logo", with_logo)
    EXAMPLES[f"add{name}Domain"] = of("POST", "/domains", json={"host": f"{new_id().hex}.{PROVEN}"})
    EXAMPLES[f"verify{name}Domain"] = of("POST", "/domains/{}/verify", with_domain)
    EXAMPLES[f"delete{name}Domain"] = of("DELETE", "/domains/{}", with_domain)


PROVEN: Final = "teranga.example"
TOKEN: Final[list[str]] = []
"""What every host of ``PROVEN`` answers, see ``staged``."""
_with_brand("", "/v1", lambda stage: stage.owner)
_with_brand("Client", "/v1/clients/{client}", lambda stage: stage.admin)


def changing(app: Litestar) -> dict[str, tuple[str, str]]:
    """Return method and path of every route that may change something, by operation."""
    found = {}
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else []:
            methods = handler.http_methods - {"GET", "HEAD", "OPTIONS"}
            if methods:
                assert handler.operation_id, route.path
                found[str(handler.operation_id)] = (min(methods), route.path)
    return found


ROUTES = changing(create_app(make_settings(DatabaseUrls(app="", admin=""), "", Path())))
