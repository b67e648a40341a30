"""Every operation of the OpenAPI document, replayed with another client's identifiers.

An operation that takes a body needs an example in ``BODIES``, a new path parameter a table in
``TABLES``: without them this test fails, so that no endpoint escapes it.
"""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from msgspec import Struct
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from palabre.base.ids import new_id
from palabre.db.door import driver_url
from palabre.db.scope import Scope
from palabre.db.silos import silos
from palabre.domains.runtime import Runtime
from tests.isolation.matrix import seed_of_the_run
from tests.isolation.rows import World, fill, new_world, walled_tables
from tests.support.api import (
    PASSWORD,
    Agency,
    Api,
    Person,
    make_agency,
    make_client,
    make_person,
    make_settings,
    running_app,
)
from tests.support.databases import DatabaseUrls

VICTIM = "A1"
TABLES = {
    "attempt_id": "connect_attempts",
    "account_id": "accounts",
    "media_id": "media",
    "piece_id": "pieces",
    "publication_id": "publications",
    "key_id": "api_keys",
    "brand_id": "brands",
    "notice_id": "notices",
    "domain_id": "custom_domains",
}
"""Path and query parameters that name a row."""
CHOSEN = {
    "key": "facebook",
    "adapter": "facebook.page",
    "state": "scheduled",
    "chain": "client",
    "limit": "50",
    "session_id": str(new_id()),
    "host": "palabre.test",
    "mail_id": str(new_id()),
    "unread": "true",
}
"""Parameters that name nobody's row. ``cursor`` is left out."""

Ids = dict[str, str]
BODIES: dict[str, Callable[[Ids], dict[str, Any]]] = {
    "register": lambda ids: {
        "json": {
            "agency_name": "New",
            "name": "Awa",
            "email": f"{new_id().hex}@example.org",
            "password": PASSWORD,
        }
    },
    "signIn": lambda ids: {"json": {"email": "nobody@example.org", "password": PASSWORD}},
    "exchangeLink": lambda ids: {"json": {"secret": "x" * 43}},
    "refresh": lambda ids: {"json": {"refresh_token": "x" * 43}},
    "verifyAddress": lambda ids: {"json": {"secret": "x" * 43}},
    "askPasswordReset": lambda ids: {"json": {"email": "nobody@example.org"}},
    "resetPassword": lambda ids: {"json": {"secret": "x" * 43, "password": PASSWORD}},
    "changePassword": lambda ids: {"json": {"current": "x", "password": PASSWORD}},
    "lookAtInvitation": lambda ids: {"json": {"secret": "x" * 43}},
    "acceptInvitation": lambda ids: {"json": {"secret": "x" * 43}},
    "editMember": lambda ids: {"json": {"agency_role": "viewer"}},
    "invite": lambda ids: {
        "json": {
            "email": f"{new_id().hex}@example.org",
            "clients": [{"client_id": ids["client_id"], "role": "viewer"}],
        }
    },
    "createKey": lambda ids: {"json": {"name": "Mine", "scopes": ["pieces.read"]}},
    "chooseNotifications": lambda ids: {
        "json": {"items": [{"kind": "publication_failed", "in_app": True, "email": True}]}
    },
    "editMe": lambda ids: {"json": {"name": "Awa"}},
    "createClient": lambda ids: {"json": {"name": "Mine", "time_zone": "Africa/Dakar"}},
    "editClient": lambda ids: {"json": {"name": "Mine"}},
    "createBrand": lambda ids: {"json": {"name": "Mine"}},
    "editBranding": lambda ids: {"json": {"colour": "#FFD400", "sender_name": "Mine"}},
    "editClientBranding": lambda ids: {"json": {"colour": "#FFD400", "sender_name": "Mine"}},
    "uploadLogo": lambda ids: {"files": {"file": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")}},
    "uploadClientLogo": lambda ids: {
        "files": {"file": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    },
    "addDomain": lambda ids: {"json": {"host": "mine.example.org"}},
    "addClientDomain": lambda ids: {"json": {"host": "mine.example.org"}},
    "editAgencyPlugin": lambda ids: {"json": {"settings": {}}},
    "editClientPlugin": lambda ids: {"json": {"enabled": True}},
    "startConnecting": lambda ids: {
        "json": {"adapter": CHOSEN["adapter"], "account_id": ids["account_id"]}
    },
    "chooseAccounts": lambda ids: {"json": {"remote_ids": ["1"]}},
    "uploadMedia": lambda ids: {"files": {"file": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")}},
    "editMedia": lambda ids: {"json": {"alt_text": "Mine"}},
    "createPiece": lambda ids: {
        "json": {"text": "Mine", "brand_id": ids["brand_id"], "media_ids": [ids["media_id"]]}
    },
    "editPiece": lambda ids: {"json": {"version": 1, "text": "Mine"}},
    "validatePublications": lambda ids: {
        "json": {
            "text": "Mine",
            "account_ids": [ids["account_id"]],
            "media_ids": [ids["media_id"]],
        }
    },
    "createPublications": lambda ids: {
        "json": {"piece_id": ids["piece_id"], "account_ids": [ids["account_id"]]}
    },
    "resolvePublication": lambda ids: {"json": {"online": True}},
}
NAME_FOREIGN_ROWS = {
    "startConnecting",
    "createPiece",
    "validatePublications",
    "createPublications",
}
"""Operations whose example body names rows of the victim."""
PUBLIC = {
    "listCaughtMails",
    "showCaughtMail",
    "healthLive",
    "healthReady",
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
}
HIDDEN = {403, 404}
REFUSED = HIDDEN | {400, 409, 422}


class Operation(Struct, frozen=True, kw_only=True):
    """One operation of the OpenAPI document."""

    id: str
    method: str
    path: str
    parameters: tuple[str, ...]
    takes_body: bool

    @property
    def names_row(self) -> bool:
        return any(name in self.path for name in TABLES)


class Stage(Struct, kw_only=True):
    """The application over a database full of canaries, and who attacks."""

    urls: DatabaseUrls
    world: World
    operations: list[Operation]
    nobody: Api
    stranger: Api
    strangers_client: str
    colleague: Api
    """Admin of another client of the victim's agency."""
    colleagues_client: str
    insider: Api
    """Viewer of the victim itself: what the attackers must not see."""

    @property
    def ids(self) -> Ids:
        rows = {name: self.world.rows[table][VICTIM][0] for name, table in TABLES.items()}
        client = str(self.world.owners[VICTIM].client_id)
        agencys = self.world.rows["invitations"]["A0"][0]
        member = self.world.rows["memberships"][VICTIM][0]
        return {
            "client_id": client,
            "invitation_id": str(agencys["id"]),
            "user_id": str(member["user_id"]),
            **{name: str(row["id"]) for name, row in rows.items()},
        }


@pytest_asyncio.fixture
async def stage(
    fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> AsyncIterator[Stage]:
    """Fill the database and sign the attackers in."""
    world = new_world(seed_of_the_run())
    async with running_app(make_settings(fresh_database_urls, redis_url, tmp_path)) as app:
        runtime: Runtime = app.state.runtime
        await fill(world, runtime.database)
        await _pool_everybody(world, runtime)
        nobody = Api(app)
        stranger, strangers_client = await _owner_elsewhere(nobody, runtime)
        colleague, colleagues_client = await _colleague(nobody, runtime, world)
        insider = await nobody.as_(
            await make_person(runtime, _agency(world), "viewer", _victim(world))
        )
        yield Stage(
            urls=fresh_database_urls,
            world=world,
            operations=_operations(app.openapi_schema.to_schema()),
            nobody=nobody,
            stranger=stranger,
            strangers_client=strangers_client,
            colleague=colleague,
            colleagues_client=colleagues_client,
            insider=insider,
        )
        for api in (nobody, stranger, colleague, insider):
            await api.http.aclose()


async def _pool_everybody(world: World, runtime: Runtime) -> None:
    """Take the rows that would send clients to databases which are not there."""
    for owner in world.owners.values():
        async with runtime.database.transaction(Scope.of_agency(owner.agency_id)) as tx:
            await tx.execute(delete(silos).where(silos.c.agency_id == owner.agency_id))
        world.rows["silos"][owner.name] = []
    runtime.database.forget()


async def _owner_elsewhere(nobody: Api, runtime: Runtime) -> tuple[Api, str]:
    agency = await make_agency(runtime, "Elsewhere")
    return await nobody.as_(agency.owner), str(await make_client(runtime, agency, "Mine"))


async def _colleague(nobody: Api, runtime: Runtime, world: World) -> tuple[Api, str]:
    agency = _agency(world)
    client_id = await make_client(runtime, agency, "Mine")
    return await nobody.as_(await make_person(runtime, agency, "admin", client_id)), str(client_id)


def _agency(world: World) -> Agency:
    agency_id = world.owners[VICTIM].agency_id
    boss = Person(id=new_id(), agency_id=agency_id, name="Boss", email="boss@example.org")
    return Agency(id=agency_id, name="A", owner=boss)


def _victim(world: World) -> UUID:
    client_id = world.owners[VICTIM].client_id
    assert client_id
    return client_id


def _operations(schema: dict[str, Any]) -> list[Operation]:
    return [
        Operation(
            id=found["operationId"],
            method=method.upper(),
            path=path,
            parameters=tuple(parameter["name"] for parameter in found.get("parameters", [])),
            takes_body="requestBody" in found,
        )
        for path, methods in schema["paths"].items()
        for method, found in methods.items()
    ]


async def _call(stage: Stage, api: Api, operation: Operation, client: str) -> httpx.Response:
    """Send the operation with the victim's identifiers, on the path of ``client``."""
    ids = {**stage.ids, "client_id": client}
    values = {**CHOSEN, **ids}
    path = re.sub(r"\{(\w+)[^}]*\}", lambda hole: values[hole[1]], operation.path)
    query = {
        name: values[name]
        for name in operation.parameters
        if f"{{{name}" not in operation.path and name in ids
    }
    options = BODIES[operation.id](ids) if operation.takes_body else {}
    headers = {"Idempotency-Key": new_id().hex} if operation.method == "POST" else {}
    return await api.call(operation.method, path, params=query, headers=headers, **options)


def _leaks(stage: Stage, response: httpx.Response, *visible: str) -> set[str]:
    """Return whose canaries and ids came back; ids that were sent may be repeated."""
    told = response.text + str(response.headers.multi_items())
    told = re.sub(rf"{stage.world.mark(stage.world.owners['A0'])}\.agencies\.\S*", "", told)
    for sent in stage.ids.values():
        told = told.replace(sent, "")
    return stage.world.foreign(told, visible)


def test_every_operation_has_what_it_needs(stage: Stage) -> None:
    holes = {name for operation in stage.operations for name in operation.parameters}

    without_body = {o.id for o in stage.operations if o.takes_body} - set(BODIES)

    assert without_body == set(), "add an example to BODIES"
    assert holes <= {"client_id", "cursor", "user_id", "invitation_id"} | set(TABLES) | set(
        CHOSEN
    ), "add it to TABLES"
    assert set(BODIES) | PUBLIC <= {operation.id for operation in stage.operations}


async def test_nobody_is_told_to_sign_in(stage: Stage) -> None:
    wrong = []
    for operation in stage.operations:
        answer = await _call(stage, stage.nobody, operation, stage.ids["client_id"])
        right = answer.status_code < 500 if operation.id in PUBLIC else answer.status_code == 401
        if not right or _leaks(stage, answer):
            wrong.append((operation.id, answer.status_code, answer.text[:200]))

    assert wrong == []


async def test_another_clients_paths_are_not_there(stage: Stage) -> None:
    wrong = []
    before = await _rows_of_the_victim(stage)
    for who, api, visible in (
        ("stranger", stage.stranger, ()),
        ("colleague", stage.colleague, ("A",)),
    ):
        for operation in stage.operations:
            if operation.id == "signOut":
                continue
            answer = await _call(stage, api, operation, stage.ids["client_id"])
            inside = "{client_id}" in operation.path
            right = answer.status_code in HIDDEN if inside else answer.status_code < 500
            if not right or _leaks(stage, answer, *visible):
                wrong.append((who, operation.id, answer.status_code, answer.text[:200]))

    assert wrong == []
    assert await _rows_of_the_victim(stage) == before


async def test_another_clients_rows_are_not_reached_from_ones_own_path(stage: Stage) -> None:
    wrong = []
    before = await _rows_of_the_victim(stage)
    for who, api, client, visible in (
        ("stranger", stage.stranger, stage.strangers_client, ()),
        ("colleague", stage.colleague, stage.colleagues_client, ("A",)),
    ):
        for operation in stage.operations:
            if "{client_id}" not in operation.path:
                continue
            answer = await _call(stage, api, operation, client)
            right = answer.status_code < 500
            if operation.names_row:
                right = answer.status_code in HIDDEN
            elif operation.id in NAME_FOREIGN_ROWS:
                right = answer.status_code in REFUSED
            if not right or _leaks(stage, answer, *visible):
                wrong.append((who, operation.id, answer.status_code, answer.text[:200]))

    assert wrong == []
    assert await _rows_of_the_victim(stage) == before


async def test_the_victims_own_people_do_see_the_canaries(stage: Stage) -> None:
    """Without this, silence elsewhere would prove nothing."""
    seen = set()
    for operation in stage.operations:
        if operation.method == "GET" and "{client_id}" in operation.path:
            answer = await _call(stage, stage.insider, operation, stage.ids["client_id"])
            if answer.status_code == 200 and _leaks(stage, answer) >= {VICTIM}:
                seen.add(operation.id)

    assert seen >= {"getClient", "listBrands", "getPiece", "listPieces", "getMedia", "getAccount"}


async def _rows_of_the_victim(stage: Stage) -> dict[str, str]:
    """Return a hash of the victim's rows by table, as the server's admin sees them."""
    mark = stage.world.mark(stage.world.owners[VICTIM])
    engine = create_async_engine(driver_url(stage.urls.admin), poolclass=NullPool)
    found = {}
    async with engine.connect() as connection:
        for table in walled_tables():
            digest = text(
                "SELECT md5(coalesce(string_agg(x::text, ',' ORDER BY x::text), '')) "
                f"FROM {table.name} x WHERE x::text LIKE '%{mark}%'"
            )
            found[table.name] = str(await connection.scalar(digest))
    await engine.dispose()
    return found
