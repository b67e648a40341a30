"""An application on real servers, people with roles, and a client that speaks HTTP to it."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar
from msgspec import Struct
from sqlalchemy import text

from palabre.base.clock import MovableClock
from palabre.base.ids import new_id
from palabre.base.settings import Settings
from palabre.db.door import Tx
from palabre.db.scope import Actor, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.agencies.views import Isolation
from palabre.domains.identity import passwords, service, sessions
from palabre.domains.identity.actions import Role
from palabre.domains.identity.tokens import Claims, Tokens
from palabre.domains.runtime import Runtime
from palabre.plugins.registry import Registry
from palabre.vault.master import new_master_key
from tests.support.databases import DatabaseUrls

PASSWORD: Final = "correct horse battery"
SIGNING_KEY: Final = "a signing key for tests, long enough to be taken"
MASTER_KEY: Final = new_master_key()
_numbers = itertools.count(1)
_hashes: list[str] = []


class Person(Struct, frozen=True, kw_only=True):
    """Somebody with a role; ``PASSWORD`` is their password."""

    id: UUID
    agency_id: UUID
    name: str
    email: str


class Agency(Struct, frozen=True, kw_only=True):
    """An agency and its owner."""

    id: UUID
    name: str
    owner: Person


class World(Struct, frozen=True, kw_only=True):
    """A client with people of every role, a neighbour in the agency, and another agency."""

    agency: Agency
    client_id: UUID
    owner: Person
    admin: Person
    editor: Person
    viewer: Person
    neighbour_id: UUID
    """A client of the same agency where admin, editor and viewer have no role."""
    stranger: Person
    """Owner of another agency."""

    @property
    def path(self) -> str:
        """Return where the client's resources begin."""
        return f"/v1/clients/{self.client_id}"


class Api:
    """Calls the application as one person, or as nobody."""

    def __init__(self, app: Litestar, token: str | None = None, *, ip: str = "127.0.0.1") -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.app = app
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(
                app=cast("Any", app), client=(ip, 1), raise_app_exceptions=False
            ),
            base_url="http://palabre.test",
            headers=headers,
        )

    async def as_(self, person: Person) -> "Api":
        """Return a client signed in as ``person``."""
        return Api(self.app, await sign_in(self.app.state.runtime, person))

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request. ``json``, ``files``, ``headers``, ``params`` as for httpx."""
        return await self.http.request(method, path, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET."""
        return await self.call("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """Send a POST; ``json`` is the body."""
        return await self.call("POST", path, **_with_json(json, options))

    async def put(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """Send a PUT; ``json`` is the body."""
        return await self.call("PUT", path, **_with_json(json, options))

    async def patch(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """Send a PATCH; ``json`` is the body."""
        return await self.call("PATCH", path, **_with_json(json, options))

    async def delete(self, path: str, **options: Any) -> httpx.Response:
        """Send a DELETE."""
        return await self.call("DELETE", path, **options)


def make_settings(urls: DatabaseUrls, redis_url: str, state_dir: Path, **more: Any) -> Settings:
    """Return the settings of a process under test."""
    values: dict[str, Any] = {
        "environment": "test",
        "database_url": urls.app,
        "redis_url": redis_url,
        "public_url": "http://palabre.test",
        "content_url": "http://palabre.test",
        "state_dir": state_dir,
        "master_keys": MASTER_KEY,
        "signing_key": SIGNING_KEY,
        "role_prefix": urls.prefix,
    }
    return Settings(**{**values, **more})


@asynccontextmanager
async def running_app(
    settings: Settings, clock: MovableClock | None = None, registry: Registry | None = None
) -> AsyncIterator[Litestar]:
    """Run the application in this loop, started and stopped like in a server."""
    from palabre.start import open_runtime
    from palabre_api.app import create_app

    app = create_app(
        settings,
        lambda: open_runtime(
            settings, role="api", clock=clock, registry=registry or plugins_of_tests()
        ),
    )
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await ended.wait()

    # One task from start to end: fixtures are set up and torn down in different ones.
    living = asyncio.create_task(live())
    starting = asyncio.create_task(started.wait())
    await asyncio.wait({living, starting}, return_when=asyncio.FIRST_COMPLETED)
    starting.cancel()
    if living.done():
        await living
    yield app
    ended.set()
    await living


@cache
def plugins_of_tests() -> Registry:
    """Return the plugins installed here, loaded once for all tests."""
    from palabre.start import load_plugins

    settings = make_settings(DatabaseUrls(app="", admin=""), "", Path())
    return load_plugins(settings)


@pytest.fixture
def clock() -> MovableClock:
    """Return the clock of the application under test."""
    return MovableClock()


@pytest.fixture
def settings(database_urls: DatabaseUrls, redis_url: str, tmp_path: Path) -> Settings:
    """Return the settings of the application under test."""
    return make_settings(database_urls, redis_url, tmp_path)


@pytest_asyncio.fixture
async def app(settings: Settings, clock: MovableClock) -> AsyncIterator[Litestar]:
    """Run the application for one test."""
    async with running_app(settings, clock) as running:
        yield running


@pytest_asyncio.fixture
async def runtime(app: Litestar) -> Runtime:
    """Return the runtime of the application under test."""
    opened: Runtime = app.state.runtime
    return opened


@pytest_asyncio.fixture
async def api(app: Litestar) -> AsyncIterator[Api]:
    """Call the application as nobody."""
    anonymous = Api(app)
    yield anonymous
    await anonymous.http.aclose()


@pytest_asyncio.fixture
async def world(
    runtime: Runtime, isolation: Isolation, make_silo: Callable[[Settings], str]
) -> World:
    """Make a client with people of every role, a neighbour and a stranger."""
    if isolation == "dedicated":
        make_silo(runtime.settings)
    return await make_world(runtime, isolation)


async def make_agency(runtime: Runtime, name: str = "Agence Baobab") -> Agency:
    """Make an agency with an owner."""
    agency_id = new_id()
    async with runtime.database.transaction(Scope.of_agency(agency_id)) as tx:
        await agencies.create_agency(tx, name, "en", "Africa/Dakar")
        owner = await _person(tx, "owner", None)
    return Agency(id=agency_id, name=name, owner=owner)


async def make_client(
    runtime: Runtime,
    agency: Agency,
    name: str = "Teranga Foods",
    isolation: Isolation = "pooled",
) -> UUID:
    """Make a client of the agency and return its id; a dedicated one takes a spare database."""
    scope = Scope.of_agency(agency.id, Actor(kind="user", id=agency.owner.id))
    async with runtime.database.transaction(scope) as tx:
        made = await agencies.create_client(tx, name, "Africa/Dakar", "en", isolation=isolation)
    return made.id


async def make_person(
    runtime: Runtime, agency: Agency, role: Role, client_id: UUID | None = None
) -> Person:
    """Make somebody with a role on the agency, or on one client."""
    async with runtime.database.transaction(Scope.of_agency(agency.id)) as tx:
        return await _person(tx, role, client_id)


async def make_world(runtime: Runtime, isolation: Isolation = "pooled") -> World:
    """Make what most tests of endpoints need; the neighbour is always pooled."""
    agency = await make_agency(runtime)
    client_id = await make_client(runtime, agency, isolation=isolation)
    people = {
        role: await make_person(runtime, agency, role, client_id)
        for role in ("admin", "editor", "viewer")
    }
    return World(
        agency=agency,
        client_id=client_id,
        owner=agency.owner,
        **people,
        neighbour_id=await make_client(runtime, agency, "Ndar Café"),
        stranger=(await make_agency(runtime, "Elsewhere")).owner,
    )


async def sign_in(runtime: Runtime, person: Person) -> str:
    """Return an access token of a new session, without the cost of a password."""
    scope = Scope.of_agency(person.agency_id, Actor(kind="user", id=person.id, name=person.name))
    async with runtime.database.transaction(scope) as tx:
        started = await sessions.start(tx, person.id, runtime.clock.now())
    claims = Claims(
        user_id=person.id, session_id=started.session_id, agency_id=person.agency_id, version=1
    )
    return Tokens(runtime.settings.signing_key).sign(claims, runtime.clock.now())


async def scope_of(world: World) -> Scope:
    """Return the scope of the world's client with the owner as actor."""
    actor = Actor(kind="user", id=world.owner.id, name=world.owner.name)
    return Scope.of_client(world.agency.id, world.client_id, actor)


async def check_doors(
    api: Api,
    world: World,
    method: str,
    path: str,
    *,
    refused: str | None = None,
    **options: Any,
) -> None:
    """See the doors of a client's endpoint: nobody 401, a stranger 404, a low role 403.

    Args:
        api: Of nobody.
        world: Whose client the path is of.
        method: HTTP method.
        path: Path below ``world.path``.
        refused: The highest role that may not (``viewer``, ``editor``, ``admin``); None: all may.
        options: As for ``Api.call``.
    """
    url = world.path + path
    assert_error(await api.call(method, url, **options), 401, "not_signed_in")
    stranger = await api.as_(world.stranger)
    assert_error(await stranger.call(method, url, **options), 404, "not_found")
    neighbour = await api.as_(world.editor)
    elsewhere = f"/v1/clients/{world.neighbour_id}{path}"
    assert_error(await neighbour.call(method, elsewhere, **options), 404, "not_found")
    if refused:
        low = await api.as_(getattr(world, refused))
        assert_error(await low.call(method, url, **options), 403, "role_too_low")


class Letter(Struct, frozen=True, kw_only=True):
    """A mail that was written. ``secret``: of its link, empty without one."""

    template: str
    text: str
    secret: str


async def letters(runtime: Runtime, to: str) -> list[Letter]:
    """Return the mails written to an address, the newest first."""
    query = text("SELECT template, text_body FROM mails WHERE recipient = :to ORDER BY id DESC")
    async with runtime.database.unscoped() as tx:
        rows = await tx.all(query, {"to": to})
    return [
        Letter(
            template=row.template,
            text=row.text_body,
            secret="".join(re.findall(r"#secret=([\w-]+)", row.text_body)[:1]),
        )
        for row in rows
    ]


def assert_error(
    response: httpx.Response, status: int, code: str, *, field: str | None = None
) -> Mapping[str, Any]:
    """See the one error shape with this status and code, and return its details."""
    body = response.json()
    assert response.status_code == status, body
    assert body["success"] is False
    assert body["error"]["code"] == code, body
    assert body["error"]["message"] not in ("", f"error.{code}"), body
    sentences = [body["error"]["message"]]
    sentences += [item["message"] for item in body["error"]["details"].get("fields", ())]
    assert not any(re.search(r"\{[a-z_]+\}", sentence) for sentence in sentences), body
    assert response.headers["content-type"] == "application/json"
    details: Mapping[str, Any] = body["error"]["details"]
    assert details["request_id"]
    if field is not None:
        assert field in {item["field"] for item in details["fields"]}, body
        assert all(not item["message"].startswith("field.") for item in details["fields"]), body
    return details


def _with_json(json: Any, options: dict[str, Any]) -> dict[str, Any]:
    return options if json is None else {**options, "json": json}


async def _person(tx: Tx, role: Role, client_id: UUID | None) -> Person:
    if not _hashes:
        _hashes.append(await passwords.hashed(PASSWORD))
    number = next(_numbers)
    person = Person(
        id=new_id(),
        agency_id=tx.scope.agency_id,
        name=f"{role.title()} {number}",
        email=f"{role}.{number}.{new_id().hex[-6:]}@example.org",
    )
    await service.add_user(tx, person.id, person.email, person.name, _hashes[0], "en")
    await service.add_member(tx, person.id, role, client_id=client_id)
    return person
