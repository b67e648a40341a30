"""Every endpoint that changes something writes exactly one entry, in the name of the caller.

Made from the routes of the application: a new endpoint fails here until it has an example, or a
reason in ``NOTHING_TO_NOTE``.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import asyncpg
import pytest
from msgspec import structs

from palabre.base.settings import Settings
from palabre.plugins.registry import Registry
from tests.core.audit import people  # noqa: F401  # adds its examples
from tests.core.audit.examples import EXAMPLES, PROVEN, ROUTES, TOKEN, Stage
from tests.faults import board
from tests.faults.bench import make_bench
from tests.support.api import (
    make_world,
    running_app,
)
from tests.support.connecting import registry  # noqa: F401  # a fixture
from tests.support.databases import DatabaseUrls
from tests.support.testing_plugin import BOARD

NOTHING_TO_NOTE: Final = {
    "refresh": "keeps a session alive; a stolen token is noted as session.revoked",
    "validatePublications": "changes nothing",
    "readNotice": "what a person has read is theirs alone",
    "readAllNotices": "what a person has read is theirs alone",
    "lookAtInvitation": "changes nothing",
    "askPasswordReset": "sends a mail in nobody's name; tests/api/test_auth.py sees its entry",
    "checkAccount": "asks only; access that was lost is noted when it is found",
    "connectContinue": "sends the browser on; the beginning and the choice are noted",
}


@asynccontextmanager
async def staged(settings: Settings, plugins: Registry, operation: str) -> AsyncIterator[Stage]:
    """Run the application with the plugin the operation needs."""
    publishing = operation.endswith(("Publication", "Publications"))
    settings = structs.replace(settings, simulated_hosts=f"*.{PROVEN}={await _token_host()}")
    platform = board.Platform()
    loaded = board.registry(platform) if publishing else plugins
    BOARD.reset()
    async with running_app(settings, registry=loaded) as app:
        runtime = app.state.runtime
        bench = await make_bench(runtime, platform) if publishing else None
        stage = Stage(app, bench.world if bench else await make_world(runtime), bench)
        await stage.open()
        yield stage


async def _token_host() -> str:
    """Answer everything with the token of the domain being proven; ends with the test's loop."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = "".join(TOKEN).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {len(body)}"
        writer.write(head.encode() + b"\r\nconnection: close\r\n\r\n" + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def entries(urls: DatabaseUrls, *, beyond: set[UUID] | None = None) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(urls.admin)
    try:
        rows = await connection.fetch("SELECT * FROM audit_entries")
    finally:
        await connection.close()
    return [row for row in rows if row["id"] not in (beyond or set())]


@pytest.mark.parametrize("operation", sorted(ROUTES.keys() - NOTHING_TO_NOTE.keys()))
async def test_a_change_is_one_entry(
    settings: Settings,
    registry: Registry,  # noqa: F811
    database_urls: DatabaseUrls,
    operation: str,
) -> None:
    assert operation in EXAMPLES, "write an example for this new endpoint, or say why not"
    async with staged(settings, registry, operation) as stage:
        call = await EXAMPLES[operation](stage)
        known = {row["id"] for row in await entries(database_urls)}
        answer = await call()
        assert answer.status_code < 400, answer.text
        method, path = ROUTES[operation]
        shape = re.sub(r"\\\{.*?\\\}", "[^/:]+", re.escape(path))
        assert answer.request.method == method
        assert re.fullmatch(shape, answer.request.url.path)
        made = await entries(database_urls, beyond=known)
        assert len(made) == 1, [row["action"] for row in made]
        assert made[0]["actor_kind"] == "user"
        if stage.caller:
            assert made[0]["actor_id"] == stage.caller.id


@pytest.mark.parametrize("operation", ["createBrand", "createPiece", "editClientPlugin"])
async def test_a_refused_change_is_no_entry(
    settings: Settings,
    registry: Registry,  # noqa: F811
    database_urls: DatabaseUrls,
    operation: str,
) -> None:
    async with staged(settings, registry, operation) as stage:
        stage.admin = await stage.nobody.as_(stage.world.viewer)
        call = await EXAMPLES[operation](stage)
        known = {row["id"] for row in await entries(database_urls)}
        assert (await call()).status_code == 403
        assert await entries(database_urls, beyond=known) == []


def test_every_example_and_every_reason_is_of_a_route() -> None:
    assert EXAMPLES.keys() | NOTHING_TO_NOTE.keys() <= ROUTES.keys()
    assert not EXAMPLES.keys() & NOTHING_TO_NOTE.keys()
