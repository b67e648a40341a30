"""Chains over HTTP and on the command line."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from palabre.audit.anchor_files import AnchorFiles
from palabre.audit.anchor_log import Anchors, read_anchors
from palabre.audit.anchors import public_key
from palabre.audit.verify import verify
from palabre.base.settings import Settings
from palabre.db.scope import Scope
from palabre.domains.runtime import Runtime
from tests.core.audit.support import write
from tests.support.api import SIGNING_KEY, Api, World, assert_error, check_doors
from tests.support.databases import DatabaseUrls


@pytest.mark.one_home
async def test_an_admin_exports_the_chain_of_a_client(
    api: Api, world: World, runtime: Runtime
) -> None:
    await check_doors(api, world, "GET", "/audit/export", refused="editor")
    scope = Scope.of_client(world.agency.id, world.client_id)
    for number in range(3):
        await write(runtime.database, scope, number)
    answer = await (await api.as_(world.admin)).get(f"{world.path}/audit/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="audit-{world.client_id}.jsonl"'
    )
    [report] = verify(answer.content.splitlines())
    assert report.chain == (str(world.agency.id), str(world.client_id))
    assert report.entries == 4


async def test_admins_of_the_agency_read_and_export_its_own_chain(
    api: Api, world: World, runtime: Runtime
) -> None:
    for number in range(2):
        await write(runtime.database, Scope.of_agency(world.agency.id), number)
    for path in ("/v1/audit", "/v1/audit/export"):
        assert_error(await api.get(path), 401, "not_signed_in")
        for person in (world.admin, world.editor, world.viewer):
            low = await api.as_(person)
            assert_error(await low.get(path), 403, "role_too_low")
    owner = await api.as_(world.owner)
    page = (await owner.get("/v1/audit", params={"limit": 200})).json()
    assert page["items"]
    assert page["next_cursor"] is None
    [report] = verify((await owner.get("/v1/audit/export")).content.splitlines())
    assert report.chain == (str(world.agency.id), None)
    assert report.entries == len(page["items"])
    first = (await owner.get("/v1/audit", params={"limit": 1})).json()
    assert [item["n"] for item in first["items"]] == [report.entries]
    assert_error(
        await owner.get("/v1/audit", params={"cursor": "x"}), 422, "invalid", field="cursor"
    )


async def test_another_agency_sees_its_own_chain_only(api: Api, world: World) -> None:
    stranger = await api.as_(world.stranger)
    told = (await stranger.get("/v1/audit/export")).text
    assert str(world.agency.id) not in told
    assert str(world.stranger.agency_id) in told


def palabre(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "PALABRE_ENV": "test",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PALABRE_PUBLIC_URL": settings.public_url,
        "PALABRE_MASTER_KEY": settings.master_keys,
        "PALABRE_SIGNING_KEY": SIGNING_KEY,
        "PALABRE_DB_ROLE_PREFIX": settings.role_prefix,
        "PALABRE_STATE_DIR": str(settings.state_dir),
    }
    return subprocess.run(
        [sys.executable, "-m", "palabre.cli", "audit", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.one_home
async def test_the_command_line_exports_anchors_and_verifies(
    world: World, runtime: Runtime, settings: Settings, tmp_path: Path
) -> None:
    async def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(palabre, settings, *arguments)

    file = str(tmp_path / "export.jsonl")
    await write(runtime.database, Scope.of_client(world.agency.id, world.client_id), 1)
    await write(runtime.database, Scope.of_agency(world.agency.id), 1)
    anchored = await run("anchor")
    assert anchored.returncode == 0, anchored.stderr
    assert anchored.stdout.startswith("Signed ")
    key = (await run("key")).stdout.strip()
    assert len(key) == 64
    exported = await run("export", "--agency", str(world.agency.id), file)
    assert exported.returncode == 0, exported.stderr
    anchors = ("--anchors", str(settings.state_dir / "anchors"), "--key", key)
    verified = await run("verify", file, *anchors)
    assert verified.returncode == 0, verified.stderr
    assert (
        f"client {world.client_id}: 2 entries follow each other; 1 anchors fit" in verified.stdout
    )
    assert f"agency {world.agency.id}: " in verified.stdout
    one = await run(
        "export", "--agency", str(world.agency.id), "--client", str(world.client_id), "-"
    )
    assert [report.entries for report in verify(one.stdout.encode().splitlines())] == [2]
    _damage(Path(file))
    damaged = await run("verify", file, *anchors)
    assert damaged.returncode == 1
    assert damaged.stderr.startswith("BAD  ")


def _damage(file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0, "others may read the export"
    file.write_bytes(file.read_bytes().replace(b'"target_kind":"', b'"target_kind":"a', 1))


@pytest.fixture
def database_urls(fresh_database_urls: DatabaseUrls) -> DatabaseUrls:
    """Take a database of one's own: anchors are about every chain in it."""
    return fresh_database_urls


async def test_workers_anchor_by_themselves(
    world: World, runtime: Runtime, settings: Settings
) -> None:
    from palabre.domains.publishing.timing import Timing
    from palabre.jobs.child import work_until

    stopping = asyncio.Event()
    working = asyncio.create_task(
        work_until(runtime, Timing().scaled(0.02), stopping, queues=["publish"])
    )
    folder = settings.state_dir / "anchors"
    for _ in range(200):
        if AnchorFiles(folder).newest():
            break
        await asyncio.sleep(0.05)
    stopping.set()
    await working
    found: Anchors = {}
    assert read_anchors(folder, [public_key(SIGNING_KEY)], found) == 1
    assert (str(world.agency.id), str(world.client_id)) in found
