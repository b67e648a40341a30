"""Real worker processes killed while they publish; and a naive worker, to see that tests see."""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from palabre.domains.accounts.service import ref_of
from palabre.domains.publishing.tables import publications
from palabre.domains.publishing.task import post_of
from palabre.domains.runtime import Runtime
from palabre.plugins.context import Subject
from palabre.sdk.errors import UnknownOutcome
from palabre.start import open_runtime
from tests.faults.bench import Bench, make_bench
from tests.faults.board import Platform, registry
from tests.faults.processes import children, until, worker_parent
from tests.faults.worker import FilePlatform
from tests.support.api import make_settings
from tests.support.databases import DatabaseUrls

POSTS = 16
KILLS = 2


async def _states(bench: Bench) -> Counter[str]:
    async with bench.runtime.database.transaction(bench.scope) as tx:
        rows = await tx.all(select(publications.c.state).where(tx.here(publications)))
    return Counter(row.state for row in rows)


async def test_kill_9_loses_nothing_and_doubles_nothing(
    fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    board = FilePlatform(tmp_path / "board")
    settings = make_settings(fresh_database_urls, redis_url, tmp_path)
    async with open_runtime(settings, role="worker", registry=registry(board)) as runtime:
        bench = await make_bench(runtime, board)
        texts = [f"post {n}" for n in range(POSTS)]
        for one in texts:
            await bench.publish(one)
        seed = time.time_ns()
        chance = random.Random(seed)
        print(f"seed {seed}")  # noqa: T201  # shown when it fails
        with worker_parent(settings, tmp_path / "board", tmp_path / "log") as parent:
            for _ in range(KILLS):
                await until(lambda: children(parent), 60)
                before = len(board.posts)
                await until(lambda seen=before: len(board.posts) > seen, 60)  # type: ignore[misc]
                os.kill(chance.choice(children(parent)), signal.SIGKILL)
                if await _done(bench):
                    break
            await until(lambda: _done(bench), 90)

    assert Counter(post.text for post in board.posts) == Counter(texts)


async def _done(bench: Bench) -> bool:
    return (await _states(bench))["published"] == POSTS


async def test_an_emptied_redis_and_a_stopped_process_lose_nothing(
    fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    board = FilePlatform(tmp_path / "board")
    settings = make_settings(fresh_database_urls, redis_url, tmp_path)
    async with open_runtime(settings, role="worker", registry=registry(board)) as runtime:
        bench = await make_bench(runtime, board)
        texts = [f"post {n}" for n in range(POSTS)]
        for one in texts:
            await bench.publish(one)
        with worker_parent(settings, tmp_path / "board", tmp_path / "log") as parent:
            await until(lambda: len(board.posts) > 2, 60)
            os.kill(children(parent)[0], signal.SIGSTOP)  # the watchdog must end it
            await runtime.redis.flushdb()
            await until(lambda: _done(bench), 90)
        assert "worker_silent" in (tmp_path / "log").read_text()

    assert Counter(post.text for post in board.posts) == Counter(texts)


async def test_a_naive_worker_doubles_where_ours_does_not(
    database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    platform = Platform()
    settings = make_settings(database_urls, redis_url, tmp_path)
    async with open_runtime(settings, role="worker", registry=registry(platform)) as runtime:
        bench = await make_bench(runtime, platform)
        naive, ours = await bench.publish("naive"), await bench.publish("ours")

        platform.faults.append("error_after")
        await _naive(runtime, bench, naive)
        platform.faults.append("error_after")
        while (await bench.work(ours)).state != "published":
            continue

    assert platform.copies("naive") == 2
    assert platform.copies("ours") == 1


async def _naive(runtime: Runtime, bench: Bench, publication_id: UUID) -> None:
    """Publish, and on any error publish again."""
    post = post_of(publication_id, (await bench.row(publication_id)).content)
    subject = Subject(agency_id=bench.scope.agency_id, client_id=bench.scope.client_id)
    publisher = runtime.registry.unscoped().publisher("board.d")
    account = ref_of(await bench.account())
    for _ in range(2):
        ctx = await runtime.contexts.make("board.d", subject, seconds=5, account=account)
        try:
            await publisher.submit(ctx, post)  # type: ignore[arg-type]  # a context in all but name
        except UnknownOutcome:
            continue
        return
