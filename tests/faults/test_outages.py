"""Servers that stop while people work: a clear answer, nothing lost, going on by itself."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from tests.e2e.product import Product, running
from tests.e2e.rest import Client, Facebook, register, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """The demo on servers of its own, which these tests may stop."""
    with running({}) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(product: Product) -> AsyncIterator[Client]:
    """A client with Facebook turned on."""
    owner = await register(product)
    yield await owner.new_client()
    await owner.http.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def account_id(client: Client) -> str:
    """A connected Page."""
    return str((await client.connect())["id"])


async def test_without_postgresql_the_api_says_so_and_recovers_by_itself(
    product: Product, client: Client, account_id: str
) -> None:
    facebook = Facebook(product=product)
    soon = datetime.now(UTC) + timedelta(seconds=3)
    due = await client.publish("Due meanwhile", account_id, publish_at=soon.isoformat())

    with frozen(processes(product, "postgres")):
        refused = await client.owner.http.get(f"/v1/clients/{client.id}/pieces")
        ready = await client.owner.http.get("/health/ready")

    assert_unavailable(refused)
    assert (ready.status_code, ready.json()["database"]) == (503, False)
    await client.wait_for(due["id"], "published")
    assert len(await facebook.posts("Due meanwhile")) == 1


async def test_without_redis_and_with_an_emptied_one_posts_still_go_out_once(
    product: Product, client: Client, account_id: str
) -> None:
    facebook = Facebook(product=product)

    with gone(product, processes(product, "valkey")):
        ready = await client.owner.http.get("/health/ready")
        made = await client.publish("Written while Redis stops", account_id)
    assert (ready.status_code, ready.json()["redis"]) == (503, False)
    await until(lambda: status(client, "/health/ready"), lambda code: code == 200)
    async with Redis.from_url(redis_url(product)) as redis:
        await redis.flushall()

    await client.wait_for(made["id"], "published")
    assert len(await facebook.posts("Written while Redis stops")) == 1


async def test_a_platform_that_is_down_is_tried_again_and_said_in_words(
    product: Product, client: Client, account_id: str
) -> None:
    facebook = Facebook(product=product)

    with gone(product, processes(product, "simulators")):
        made = await client.publish("Written while the platform is down", account_id)
        found: dict[str, Any] = await until(
            lambda: client.publication(made["id"]), lambda one: one["reason"]
        )
    assert found["state"] in {"scheduled", "checking"}
    assert "Facebook" in found["reason"]["message"]
    assert found["reason"]["next_at"] is not None
    assert found["reason"]["online"] in {"no", "unknown"}
    assert await until(
        lambda: status(client, f"{product.facebook}/_palabre/state"), lambda code: code == 200
    )
    assert await facebook.posts("Written while the platform is down") == []


def assert_unavailable(answer: httpx.Response) -> None:
    """See a 503 in the one error shape that says when to come back."""
    assert answer.status_code == 503, answer.text
    body = answer.json()
    assert body["success"] is False
    assert body["error"]["code"] == "database_unavailable"
    assert body["error"]["details"]["request_id"]
    assert int(answer.headers["retry-after"]) > 0


async def status(client: Client, url: str) -> int:
    """Return the status of a GET, 0 without an answer."""
    try:
        return (await client.owner.http.get(url)).status_code
    except httpx.HTTPError:
        return 0


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """Stop processes as a machine without memory or disk does: they are there and say nothing."""
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def gone(product: Product, pids: list[int]) -> Iterator[None]:
    """Kill processes; the demo, frozen meanwhile, starts them again afterwards."""
    with frozen([product.process.pid]):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        yield


def processes(product: Product, program: str) -> list[int]:
    """Return the demo's own descendants that run ``program``."""
    table = dict(filter(None, map(_process, Path("/proc").glob("[0-9]*"))))
    family = {product.process.pid}
    for _ in range(5):
        family |= {pid for pid, (parent, _) in table.items() if parent in family}
    family.remove(product.process.pid)
    return [pid for pid in family if pid in table and program in table[pid][1]]


def _process(folder: Path) -> tuple[int, tuple[int, str]] | None:
    """Return a process, its parent and its command; None when it has just ended."""
    try:
        parent = int((folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return None
    return int(folder.name), (parent, command)


def redis_url(product: Product) -> str:
    """Return the address of the demo's Redis, from the environment of its API."""
    (api, *_) = processes(product, "palabre.cli api")
    variables = Path(f"/proc/{api}/environ").read_text("utf-8").split("\0")
    return next(v.partition("=")[2] for v in variables if v.startswith("REDIS_URL="))
