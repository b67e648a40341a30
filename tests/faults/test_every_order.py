"""Any order of events, with the real engine on PostgreSQL: never two copies, never lost."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from palabre.base.errors import Conflict
from palabre.domains.publishing import engine, service
from palabre.outbox import work
from palabre.start import open_runtime
from tests.faults.bench import Bench, make_bench
from tests.faults.board import Platform, registry
from tests.support.api import make_settings
from tests.support.databases import DatabaseUrls

FAULTS = ["ok", "refuse", "expired", "slow_down", "down", "lost", "error_after", "late", "bug"]
OVER = {"published", "failed", "cancelled"}


class AnyOrder(RuleBasedStateMachine):
    """One account, a few publications, and everything that can happen to them."""

    runner: asyncio.Runner
    bench_of: Any

    def __init__(self) -> None:
        super().__init__()
        self.bench: Bench = self.run(type(self).bench_of())
        self.texts: dict[UUID, str] = {}

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @precondition(lambda self: len(self.texts) < 4)
    @rule()
    def publish(self) -> None:
        text = f"text {len(self.texts)}"
        self.texts[self.run(self.bench.publish(text))] = text

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), fault=st.sampled_from(FAULTS))
    def work(self, data: st.DataObject, fault: str) -> None:
        one = self._pick(data)
        if self._at_rest(one):
            return
        self.bench.platform.faults.append(fault)
        row = self.run(self.bench.work(one))
        self.bench.platform.faults.clear()
        note(f"{self.texts[one]}: {fault} -> {row.state}")

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), fault=st.sampled_from(["ok", "late", "lost"]))
    def die_while_working(self, data: st.DataObject, fault: str) -> None:
        one = self._pick(data)
        if self._at_rest(one):
            return
        self.bench.platform.faults.append(fault)
        self.run(self._killed(one))
        self.bench.platform.faults.clear()

    async def _killed(self, one: UUID) -> None:
        """The platform acts, and the worker dies before it can note anything."""
        claimed = await self.bench.claim(one, lease_s=0.2)
        self.bench.platform.arrived.clear()
        task = asyncio.create_task(engine.handle(self.bench.runtime, self.bench.timing, claimed))
        arrived = asyncio.create_task(self.bench.platform.arrived.wait())
        await asyncio.wait({task, arrived}, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        arrived.cancel()
        await asyncio.gather(task, arrived, return_exceptions=True)
        async with self.bench.runtime.database.transaction(self.bench.scope) as tx:
            if await work.holds(tx, claimed):
                await work.hand_back(tx, claimed, self.bench.runtime.clock.now())

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), action=st.sampled_from(["cancel", "retry"]))
    def decide(self, data: st.DataObject, action: str) -> None:
        self.run(self._decide(self._pick(data), action))

    async def _decide(self, one: UUID, action: str) -> None:
        try:
            async with self.bench.runtime.database.transaction(self.bench.scope) as tx:
                await getattr(service, action)(self.bench.runtime, tx, one)
        except Conflict:
            note(f"{action} refused")

    @rule(state=st.sampled_from(["active", "needs_reconnect"]))
    def change_account(self, state: str) -> None:
        self.run(self.bench.change_account(state=state))

    @rule(seconds=st.sampled_from([10, 60, 240]))
    def wait(self, seconds: int) -> None:
        self.run(self.bench.age(timedelta(seconds=seconds)))

    @invariant()
    def never_twice(self) -> None:
        for text in self.texts.values():
            assert self.bench.platform.copies(text) <= 1, text

    def teardown(self) -> None:
        """With everything healthy again each publication ends, and the platform agrees."""
        self.run(self.bench.change_account(state="active"))
        for one, text in self.texts.items():
            for _ in range(12):
                if self._at_rest(one):
                    break
                self.run(self.bench.age(timedelta(seconds=200)))
                self.run(self.bench.work(one))
            row = self.run(self.bench.row(one))
            note(f"{text} ends {row.state}")
            assert row.state in OVER, (text, row.state, row.failure)
            assert self.bench.platform.copies(text) == (row.state == "published"), text

    def _pick(self, data: st.DataObject) -> UUID:
        return data.draw(st.sampled_from(list(self.texts)))

    def _at_rest(self, one: UUID) -> bool:
        return self.run(self.bench.work_row(one)).state != "waiting"


def test_any_order(database_urls: DatabaseUrls, redis_url: str, tmp_path: Path) -> None:
    platform = Platform()
    with asyncio.Runner() as runner:

        async def start() -> Any:
            context = open_runtime(
                make_settings(database_urls, redis_url, tmp_path),
                role="worker",
                registry=registry(platform),
            )
            return context, await context.__aenter__()

        context, runtime = runner.run(start())

        async def bench_of() -> Bench:
            platform.__init__()  # type: ignore[misc]  # a new and empty platform
            return await make_bench(runtime, platform)

        machine = type(
            "Machine", (AnyOrder,), {"runner": runner, "bench_of": staticmethod(bench_of)}
        )
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=12,
                    stateful_step_count=20,
                    deadline=None,
                    phases=[Phase.generate],  # a shrunk example would take minutes
                    print_blob=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(context.__aexit__(None, None, None))
