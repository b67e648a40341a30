"""A worker process: tick and ARQ workers in one loop, a heartbeat to the parent, a calm end."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from arq.worker import Worker
from redis.exceptions import RedisError

from palabre.base.errors import Unavailable
from palabre.base.ids import new_id
from palabre.base.settings import Settings, SettingsError, load
from palabre.domains.agencies.service import SILOS
from palabre.domains.bell import Bell
from palabre.domains.publishing import service as publishing
from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.jobs.desk import Desk
from palabre.jobs.handlers import handlers
from palabre.jobs.post import carry_mail
from palabre.jobs.queues import connect, key_of, make_worker
from palabre.jobs.tick import Tick
from palabre.mail.postman import carrier_of
from palabre.plugins.registry import Registry
from palabre.start import configure_logs, open_runtime

_log = structlog.get_logger(__name__)
CONFIGURATION = 2
"""Exit status after which a restart would not help."""


async def work_until(
    runtime: Runtime,
    timing: Timing,
    stopping: asyncio.Event,
    *,
    queues: Sequence[str],
    processes: int = 1,
) -> None:
    """Do due work until ``stopping`` is set; running jobs may finish for ``drain_s``."""
    process = new_id().hex
    carriers = carrier_of(runtime.settings)
    redis = connect(runtime.settings.redis_url, timing)
    desk = Desk(runtime, timing, handlers(runtime, timing))
    tick = Tick(runtime, redis, desk, timing, process=process, queues=queues, processes=processes)
    serving = [
        asyncio.create_task(_serve(redis, desk, queue, key_of(queue, process), timing))
        for queue in queues
    ]
    listening = asyncio.create_task(_bell(runtime, desk).run())
    posting = asyncio.create_task(carry_mail(runtime, carriers))
    try:
        await tick.run(stopping)
        await _drain(desk, timing)
    finally:
        for task in (*serving, listening, posting):
            task.cancel()
        await asyncio.gather(*serving, listening, posting, return_exceptions=True)
        await redis.aclose()


def _bell(runtime: Runtime, desk: Desk) -> Bell:
    """Return what hears other processes: work to do, plugins turned on or off."""
    bell = Bell(runtime.redis)
    bell.on(publishing.BELL, lambda _text: desk.moved.set(), desk.moved.set)
    bell.on(SILOS, lambda _text: runtime.database.forget(), runtime.database.forget)
    enabled = runtime.enabled
    bell.on("enabled", lambda text: enabled.invalidate(UUID(text)), enabled.clear)
    return bell


async def _serve(redis: ArqRedis, desk: Desk, queue: str, key: str, timing: Timing) -> None:
    """Run the ARQ worker of a queue; it dies with Redis, so a new one takes its place."""
    while True:
        worker = make_worker(redis, queue, key, timing, desk.run)
        try:
            await worker.async_run()
        except (RedisError, OSError) as error:
            _log.warning("queue_waits", queue=queue, reason=type(error).__name__)
            await _let_finish(worker, timing)
        finally:
            for task in worker.tasks.values():
                task.cancel()


async def _let_finish(worker: Worker, timing: Timing) -> None:
    """Wait for running jobs of a worker that lost Redis: they need PostgreSQL only."""
    await asyncio.sleep(1.0)
    if worker.tasks:
        _ = await asyncio.wait(worker.tasks.values(), timeout=timing.job_s)
    for task in worker.tasks.values():
        if task.done() and not task.cancelled():
            _ = task.exception()  # it could not note its end in Redis; PostgreSQL knows better


async def _drain(desk: Desk, timing: Timing) -> None:
    """Give back what has not started, let the rest finish."""
    await desk.give_back_waiting()
    ends = time.monotonic() + timing.drain_s
    while desk.busy() and (left := ends - time.monotonic()) > 0:
        desk.moved.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(desk.moved.wait(), left)


async def beat(pipe: int, timing: Timing, stopping: asyncio.Event) -> None:
    """Tell the parent that this loop lives; without a parent, stop."""
    while True:
        try:
            os.write(pipe, b".")
        except OSError:
            stopping.set()
            return
        await asyncio.sleep(timing.heartbeat_s)


async def run_child(
    settings: Settings,
    *,
    queues: Sequence[str],
    processes: int = 1,
    pipe: int | None = None,
    timing: Timing | None = None,
    registry: Registry | None = None,
) -> None:
    """Run one worker process until SIGTERM.

    Args:
        settings: Of this process.
        queues: Served here.
        processes: How many processes serve them on this machine.
        pipe: Where the heartbeat goes.
        timing: Durations; the product's when left out.
        registry: Plugins, where the caller has loaded them.
    """
    timing = timing or Timing()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    beating = asyncio.create_task(beat(pipe, timing, stopping)) if pipe is not None else None
    try:
        async with open_runtime(settings, role="worker", registry=registry) as runtime:
            _log.info("worker_started", queues=list(queues))
            await work_until(runtime, timing, stopping, queues=queues, processes=processes)
    finally:
        if beating is not None:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating


def main() -> None:
    """Start as the parent does: ``python -m palabre.jobs.child --queues publish --pipe 3``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--queues", required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--pipe", type=int)
    chosen = parser.parse_args()
    try:
        settings = load(os.environ)
        configure_logs(settings.environment)
        queues = chosen.queues.split(",")
        asyncio.run(
            run_child(settings, queues=queues, processes=chosen.processes, pipe=chosen.pipe)
        )
    except SettingsError as error:
        print(f"palabre worker: {error}", file=sys.stderr)  # noqa: T201  # the operator's line
        sys.exit(CONFIGURATION)
    except Unavailable as error:
        _log.warning("worker_cannot_start", code=error.code)
        sys.exit(1)


if __name__ == "__main__":
    main()
