"""The supervisor of PostgreSQL and Valkey, with real servers and real signals."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from palabre.embedded.errors import EmbeddedError
from palabre.embedded.paths import server_account
from palabre.embedded.servers import EmbeddedServers, ServerUrls
from tests.support.servers import preference

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def state_dir() -> Iterator[Path]:
    # Not tmp_path: as root that folder is closed to the account the servers run under.
    with tempfile.TemporaryDirectory(prefix="palabre-test-") as folder:
        yield Path(folder)


@pytest.fixture
def servers(state_dir: Path) -> Iterator[EmbeddedServers]:
    supervisor = EmbeddedServers(state_dir, prefer=preference())
    yield supervisor
    supervisor.stop()


@pytest.fixture(scope="module")
def running() -> Iterator["Running"]:
    """Servers for the tests that only look at them."""
    with tempfile.TemporaryDirectory(prefix="palabre-test-") as folder:
        supervisor = EmbeddedServers(Path(folder), prefer=preference())
        yield supervisor, supervisor.start(), Path(folder)
        supervisor.stop()


Running = tuple[EmbeddedServers, ServerUrls, Path]


async def remember(urls: ServerUrls, word: str) -> None:
    connection = await asyncpg.connect(urls.admin_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
    await connection.execute("INSERT INTO words VALUES ($1)", word)
    await connection.close()
    async with redis.asyncio.from_url(urls.redis_url) as client:
        await client.rpush("words", word)


async def remembered(urls: ServerUrls) -> tuple[list[str], list[str]]:
    connection = await asyncpg.connect(urls.admin_url)
    rows = [row["word"] for row in await connection.fetch("SELECT word FROM words")]
    await connection.close()
    async with redis.asyncio.from_url(urls.redis_url, decode_responses=True) as client:
        return rows, await client.lrange("words", 0, -1)


def alive(pid: int | None) -> bool:
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_ended(pids: list[int], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "the servers outlived their supervisor"
        time.sleep(0.05)


async def test_a_restart_keeps_data_ports_and_passwords(
    servers: EmbeddedServers, state_dir: Path
) -> None:
    before = servers.start()
    await remember(before, "mango")
    servers.stop()
    again = EmbeddedServers(state_dir, prefer=preference())
    try:
        after = again.start()
        assert after == before
        assert await remembered(after) == (["mango"], ["mango"])
    finally:
        again.stop()


async def test_another_port_is_taken_when_somebody_sits_on_ours(
    servers: EmbeddedServers, state_dir: Path
) -> None:
    before = servers.start()
    await remember(before, "mango")
    servers.stop()
    port = int(before.admin_url.rpartition(":")[2].partition("/")[0])
    squatter = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    after = servers.start()
    squatter.close()
    assert after.admin_url != before.admin_url
    assert after.redis_url == before.redis_url
    assert await remembered(after) == (["mango"], ["mango"])


async def asyncio_server(port: int):
    import asyncio

    return await asyncio.start_server(lambda *_: None, "127.0.0.1", port)


async def test_killed_servers_come_back_with_their_data(servers: EmbeddedServers) -> None:
    urls = servers.start()
    await remember(urls, "papaya")
    await asyncio.sleep(1.1)  # the append-only file is written once per second
    for server in (servers.postgres, servers.valkey):
        assert server is not None
        os.kill(server.pid or 0, signal.SIGKILL)
    revived: set[str] = set()
    async with asyncio.timeout(5):
        while len(revived) < 2:
            revived.update(servers.revive())
            await asyncio.sleep(0.05)
    assert await remembered(urls) == (["papaya"], ["papaya"])


def test_nothing_is_revived_while_all_is_well(running: Running) -> None:
    servers, _, _ = running
    assert servers.revive() == []


async def test_a_second_supervisor_is_refused(running: Running) -> None:
    _, urls, state_dir = running
    await remember(urls, "guava")
    with pytest.raises(EmbeddedError, match="already runs"):
        EmbeddedServers(state_dir).start()
    assert await remembered(urls) == (["guava"], ["guava"])


def test_stop_leaves_no_process(servers: EmbeddedServers) -> None:
    servers.start()
    pids = [server.pid or 0 for server in (servers.postgres, servers.valkey) if server]
    servers.stop()
    assert not any(alive(pid) for pid in pids)
    servers.stop()


def test_ephemeral_servers_leave_no_file(state_dir: Path) -> None:
    state_dir.chmod(0o755)
    servers = EmbeddedServers(state_dir / "once", ephemeral=True, prefer=preference())
    servers.start()
    servers.stop()
    assert not (state_dir / "once").exists()


def test_servers_end_with_a_killed_supervisor_and_start_again(
    servers: EmbeddedServers, state_dir: Path
) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from palabre.embedded.servers import EmbeddedServers;"
        "servers = EmbeddedServers(Path(sys.argv[1]), prefer=sys.argv[2]); servers.start();"
        "print(servers.postgres.pid, servers.valkey.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(state_dir), preference()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(word) for word in supervisor.stdout.readline().split()]
        supervisor.kill()
    assert len(pids) == 2
    # At once: start waits for what still ends instead of failing on it.
    servers.start()
    wait_until_ended(pids)


async def test_a_half_made_data_directory_is_made_again(
    servers: EmbeddedServers, state_dir: Path
) -> None:
    for major in ("15", "16", "17", "18"):
        half = state_dir / "servers" / f"pg{major}.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text(major)
    await remember(servers.start(), "kola")


def test_data_of_another_major_version_is_refused(
    servers: EmbeddedServers, state_dir: Path
) -> None:
    servers.start()
    servers.stop()
    [data] = (state_dir / "servers").glob("pg*")
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 12"):
        servers.start()


def test_passwords_are_kept_from_other_accounts_and_from_logs(running: Running) -> None:
    _, urls, state_dir = running
    for name in ("postgres.password", "valkey.password"):
        assert (state_dir / name).stat().st_mode & 0o077 == 0
        secret = (state_dir / name).read_text()
        assert secret not in repr(urls)
        assert all(secret not in log.read_text() for log in state_dir.rglob("*.log"))


async def test_a_wrong_password_is_refused(running: Running) -> None:
    _, urls, _ = running
    wrong = urls.admin_url.replace("@", "x@")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    with pytest.raises(redis.exceptions.AuthenticationError):
        async with redis.asyncio.from_url(urls.redis_url.replace("@", "x@")) as client:
            await client.ping()


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
def test_as_root_the_servers_run_under_another_account(running: Running) -> None:
    servers, _, _ = running
    account = server_account()
    assert account is not None
    for server in (servers.postgres, servers.valkey):
        assert server is not None
        assert Path(f"/proc/{server.pid}").stat().st_uid == account.uid != 0


@pytest.mark.skipif(not AS_ROOT, reason="needs root")
def test_as_root_a_state_directory_closed_to_that_account_is_refused(state_dir: Path) -> None:
    state_dir.chmod(0o700)
    with pytest.raises(EmbeddedError, match="PALABRE_STATE_DIR"):
        EmbeddedServers(state_dir / "inner").start()
