"""Anchors: when they are written, where, and what happens when a disk or a clock fails."""

import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from palabre.audit.anchor_files import AnchorFiles
from palabre.audit.anchor_log import read_anchors
from palabre.audit.anchors import Anchorer
from palabre.audit.formats import Bad
from palabre.base.ids import new_id
from palabre.db.door import Database
from palabre.db.scope import Scope
from tests.core.audit.support import KEY, SIGNING_KEY, write
from tests.support.databases import DatabaseUrls

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def database(fresh_database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    opened = Database(fresh_database_urls.app, pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "anchors"


@pytest.fixture
def anchorer(database: Database, folder: Path) -> Anchorer:
    return Anchorer(database, AnchorFiles(folder), SIGNING_KEY)


def anchors_of(folder: Path) -> tuple[int, dict[Any, list[int]]]:
    """Return how many anchors verify, and the anchored numbers of each chain."""
    found: Any = {}
    count = read_anchors(folder, [KEY], found)
    return count, {chain: list(anchored.hashes) for chain, anchored in found.items()}


def files_of(folder: Path) -> dict[str, int]:
    """Return how many lines each file has."""
    files = sorted(folder.glob("*.jsonl"))
    return {file.name: len(file.read_bytes().splitlines()) for file in files}


def block(folder: Path) -> None:
    """Put a file where the folder should be."""
    folder.parent.mkdir()
    folder.touch()


def unblock(folder: Path) -> None:
    folder.unlink()


async def test_every_five_minutes_and_at_the_end_of_the_day(
    database: Database, anchorer: Anchorer, folder: Path
) -> None:
    await write(database, Scope.of_agency(new_id()), 1)
    evening = datetime(2026, 11, 21, 23, 50, tzinfo=UTC)
    for minutes in (0, 1, 4, 5, 6, 9, 10, 11, 14, 15):
        await anchorer.tick(evening + timedelta(minutes=minutes))
    assert files_of(folder) == {"20261121.jsonl": 2, "20261122.jsonl": 2}
    assert anchors_of(folder)[0] == 4


async def test_the_end_of_the_day_does_not_wait_for_five_minutes(
    database: Database, anchorer: Anchorer, folder: Path
) -> None:
    await write(database, Scope.of_agency(new_id()), 1)
    evening = datetime(2026, 11, 21, 23, 58, tzinfo=UTC)
    assert await anchorer.tick(evening) == 1
    assert await anchorer.tick(evening + timedelta(seconds=119)) == 0
    assert await anchorer.tick(evening + timedelta(seconds=121)) == 1
    assert files_of(folder) == {"20261121.jsonl": 1, "20261122.jsonl": 1}


async def test_all_heads_of_all_agencies_once_a_day_then_those_that_moved(
    database: Database, anchorer: Anchorer, folder: Path
) -> None:
    agency, client, other = new_id(), new_id(), new_id()
    scopes = [Scope.of_agency(agency), Scope.of_client(agency, client), Scope.of_agency(other)]
    for scope in scopes:
        await write(database, scope, 1)
    counts = []
    for minutes in (0, 5, 10, 24 * 60):
        anchor = await anchorer.anchor(NOON + timedelta(minutes=minutes))
        assert anchor
        counts.append(len(anchor.heads))
        if minutes == 5:
            await write(database, scopes[1], 2)
    assert counts == [3, 0, 1, 3]
    count, chains = anchors_of(folder)
    assert count == 4
    assert chains[str(agency), str(client)] == [1, 2]
    assert chains[str(other), None] == [1]


async def test_only_its_owner_can_read_a_file_of_anchors(anchorer: Anchorer, folder: Path) -> None:
    assert await anchorer.anchor(NOON)
    assert stat.S_IMODE((folder / "20261121.jsonl").stat().st_mode) == 0o600


async def test_two_processes_share_one_log(
    database: Database, anchorer: Anchorer, folder: Path
) -> None:
    await write(database, Scope.of_agency(new_id()), 1)
    second = Anchorer(database, AnchorFiles(folder), SIGNING_KEY)
    assert await anchorer.tick(NOON) == 1
    assert await second.tick(NOON + timedelta(seconds=10)) == 0
    assert await second.anchor(NOON + timedelta(seconds=20))
    with AnchorFiles(folder).alone() as alone:
        assert alone
        assert await second.anchor(NOON + timedelta(seconds=30)) is None
    assert await anchorer.anchor(NOON + timedelta(seconds=40))
    assert anchors_of(folder)[0] == 3


async def test_what_a_crash_tore_harms_nothing(anchorer: Anchorer, folder: Path) -> None:
    file = folder / "20261121.jsonl"
    for minutes in range(4):
        assert await anchorer.anchor(NOON + timedelta(minutes=minutes))
        if minutes in (1, 2):
            with file.open("ab") as torn:
                torn.write(b'{"at":17,"prev":"ab')
    assert anchors_of(folder)[0] == 4


async def test_a_removed_line_is_missed_also_across_days(anchorer: Anchorer, folder: Path) -> None:
    for days in range(3):
        assert await anchorer.anchor(NOON + timedelta(days=days))
    (folder / "20261122.jsonl").unlink()
    with pytest.raises(Bad, match=r"20261123\.jsonl, line 1: does not follow"):
        anchors_of(folder)


async def test_a_clock_that_goes_back_keeps_the_order(anchorer: Anchorer, folder: Path) -> None:
    assert await anchorer.anchor(NOON)
    assert await anchorer.anchor(NOON - timedelta(days=2))
    assert anchors_of(folder)[0] == 2
    assert files_of(folder) == {"20261121.jsonl": 2}


async def test_a_store_that_fails_stops_nothing_and_is_tried_again(
    database: Database, anchorer: Anchorer, folder: Path
) -> None:
    await write(database, Scope.of_agency(new_id()), 1)
    block(folder)
    with capture_logs() as logs:
        assert await anchorer.tick(NOON) == 0
    assert [log["event"] for log in logs] == ["audit_anchor_failed"]
    unblock(folder)
    assert await anchorer.tick(NOON) == 1


async def test_a_chain_that_goes_back_is_said_loudly(
    database: Database, anchorer: Anchorer, fresh_database_urls: DatabaseUrls
) -> None:
    await write(database, Scope.of_agency(new_id()), 1)
    assert await anchorer.anchor(NOON)
    admin = await asyncpg.connect(fresh_database_urls.admin)
    await admin.execute("UPDATE audit_heads SET hash = sha256('x')")
    await admin.close()
    with capture_logs() as logs:
        assert await anchorer.anchor(NOON + timedelta(days=1))
    assert [log["event"] for log in logs] == ["audit_chain_went_back"]


async def test_another_signing_key_does_not_pass(database: Database, folder: Path) -> None:
    stranger = Anchorer(database, AnchorFiles(folder), "another signing key, long enough for us")
    assert await stranger.anchor(NOON)
    with pytest.raises(Bad, match="unknown key"):
        anchors_of(folder)
