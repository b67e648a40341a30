"""What a worker does with a publication, on a platform that fails in every known way."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from palabre.audit.read import entries
from palabre.base.errors import Conflict
from palabre.domains.accounts import service as accounts
from palabre.domains.content import service as content
from palabre.domains.enabling.tables import client_plugins
from palabre.domains.publishing import engine, service
from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.outbox import work
from tests.faults.bench import Bench, add_account, make_bench
from tests.faults.board import SETTLE_S, Platform

SETTLED = timedelta(seconds=Timing().settle(SETTLE_S) + 1)


class TestPublishing:
    async def test_goes_out_once(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")

        row = await bench.work(one)

        assert (row.state, row.remote_id, row.attempt) == ("published", "p1", 1)
        assert row.permalink == "https://board.example/p1"
        assert bench.platform.copies("Bonjour") == 1
        assert (await bench.work_row(one)).state == "done"
        (step,) = await bench.steps(one)
        assert step.state == "published"
        assert step.sent_at <= step.finished_at

    async def test_is_audited_and_its_piece_is_published(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")
        await bench.work(one)
        shown = await bench.show(one)
        async with bench.runtime.database.transaction(bench.scope) as tx:
            actions = [entry.action for entry in await entries(tx, client_id=bench.world.client_id)]
            piece = await content.row_of(tx, shown.piece_id)
        assert piece.state == "published"
        assert actions.count("publications.create") == 1
        assert actions.count("publication.published") == 1

    async def test_a_second_worker_finds_the_hold_lost(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")
        old = await bench.claim(one, lease_s=-1)
        await work.sweep(bench.runtime.database)
        await bench.work(one)

        await engine.handle(bench.runtime, bench.timing, old)

        assert bench.platform.copies("Bonjour") == 1

    async def test_two_phases_prepare_before_they_publish(
        self, runtime: Runtime, platform: Platform
    ) -> None:
        bench = await make_bench(runtime, platform, "board.b")
        one = await bench.publish("Bonjour")

        waiting = await bench.work(one)
        assert waiting.state == "preparing"
        assert (await bench.work(one)).state == "published"

        assert platform.calls == ["container", "check", "ok"]

    async def test_an_intent_that_took_too_long_sends_nothing(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")
        impatient = msgspec.structs.replace(bench.timing, guard_s=0.0)

        row = await bench.work(one, timing=impatient)

        assert row.state == "scheduled"
        assert bench.platform.calls == []
        assert (await bench.work(one)).state == "published"


class TestDefiniteRefusals:
    async def test_content_goes_back_to_its_author(self, bench: Bench) -> None:
        bench.platform.faults.append("refuse")
        one = await bench.publish("Bonjour")

        await bench.work(one)

        shown = await bench.show(one, "fr")
        assert shown.state == "failed"
        assert shown.reason is not None
        assert (shown.reason.who, shown.reason.online) == ("author", "no")
        assert shown.reason.message.startswith("Board refuse ce contenu")
        assert shown.allowed_actions == ["retry"]

    async def test_a_platform_that_is_down_is_tried_three_more_times(self, bench: Bench) -> None:
        bench.platform.faults.extend(["down"] * 4)
        one = await bench.publish("Bonjour")

        for n in range(1, 4):
            row = await bench.work(one)
            assert (row.state, row.failure["tries"]) == ("scheduled", n)
            wait = (await bench.work_row(one)).due_at - bench.runtime.clock.now()
            assert timedelta(minutes=29) < wait < timedelta(minutes=34)

        row = await bench.work(one)
        assert (row.state, row.failure["code"]) == ("failed", "transient_end")
        assert bench.platform.copies("Bonjour") == 0

    @pytest.mark.parametrize(("fault", "minutes"), [("slow_down", 2), ("quota", 180)])
    async def test_limits_postpone(self, bench: Bench, fault: str, minutes: int) -> None:
        bench.platform.faults.append(fault)
        one = await bench.publish("Bonjour")

        row = await bench.work(one)

        due = (await bench.work_row(one)).due_at
        assert row.state == "scheduled"
        assert abs((due - bench.runtime.clock.now()).total_seconds() - minutes * 60) < 15
        assert (await bench.work(one)).state == "published"

    async def test_an_old_token_is_renewed_once(self, bench: Bench) -> None:
        bench.platform.faults.append("expired")
        one = await bench.publish("Bonjour")

        assert (await bench.work(one)).state == "scheduled"
        assert bench.platform.refreshed == 1
        assert (await bench.work(one)).state == "published"

    async def test_a_token_refused_twice_needs_its_person(self, bench: Bench) -> None:
        bench.platform.faults.extend(["expired", "expired"])
        one = await bench.publish("Bonjour")

        await bench.work(one)
        row = await bench.work(one)

        assert (row.state, row.held_reason) == ("held", "account_away")
        assert (await bench.account()).state == "needs_reconnect"

    async def test_a_withdrawn_account_holds_what_is_planned(self, bench: Bench) -> None:
        bench.platform.faults.append("revoked")
        one, other = await bench.publish("Un"), await bench.publish("Deux")

        assert (await bench.work(one)).state == "held"

        assert (await bench.row(other)).state == "held"
        shown = await bench.show(one)
        assert shown.reason is not None
        assert shown.reason.who == "account_holder"
        async with bench.runtime.database.transaction(bench.scope) as tx:
            assert (await service.held_counts(tx, [bench.account_id]))[bench.account_id] == 2

    async def test_held_publications_go_on_when_the_account_works_again(self, bench: Bench) -> None:
        await bench.change_account(state="needs_reconnect")
        one = await bench.publish("Bonjour")
        assert (await bench.work(one)).state == "held"

        await bench.change_account(state="active")
        async with bench.runtime.database.transaction(bench.scope) as tx:
            for hook in accounts.on_connected:
                await hook(tx, bench.account_id)

        assert (await bench.work(one)).state == "scheduled"
        assert (await bench.work(one)).state == "published"

    async def test_a_plugin_that_is_off_holds(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")
        async with bench.runtime.database.transaction(bench.scope) as tx:
            await tx.execute(
                client_plugins.update().where(tx.here(client_plugins)).values(enabled=False)
            )
        bench.runtime.enabled.clear()

        row = await bench.work(one)

        assert (row.state, row.held_reason) == ("held", "not_enabled")
        assert bench.platform.calls == []

    async def test_a_day_late_asks_a_person(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")
        await bench.age(timedelta(days=2))

        row = await bench.work(one)
        assert (row.state, row.held_reason) == ("held", "stale")

        async with bench.runtime.database.transaction(bench.scope) as tx:
            await service.retry(bench.runtime, tx, one)
        assert (await bench.work(one)).state == "published"


class TestUnknownOutcomes:
    @pytest.mark.parametrize("fault", ["error_after", "late", "hang"])
    async def test_what_arrived_is_found(self, bench: Bench, fault: str) -> None:
        bench.platform.faults.append(fault)
        one = await bench.publish("Bonjour")
        quick = msgspec.structs.replace(bench.timing, http_s=0.3, guard_s=0.2)

        row = await bench.work(one, timing=quick)
        assert row.state == "unknown"
        assert row.failure["online"] == "unknown"
        assert (await bench.show(one)).allowed_actions == []
        await bench.age(timedelta(seconds=31))

        assert (await bench.work(one)).state == "published"
        assert bench.platform.copies("Bonjour") == 1

    async def test_what_did_not_arrive_is_sent_after_the_settle_time_only(
        self, bench: Bench
    ) -> None:
        bench.platform.faults.append("lost")
        one = await bench.publish("Bonjour")
        await bench.work(one)
        await bench.age(timedelta(seconds=31))

        assert (await bench.work(one)).state == "unknown"
        assert bench.platform.copies("Bonjour") == 0
        await bench.age(SETTLED)
        assert (await bench.work(one)).state == "scheduled"

        row = await bench.work(one)
        assert (row.state, row.attempt) == ("published", 2)
        assert [step.state for step in await bench.steps(one)] == ["absent", "published"]

    async def test_where_nobody_can_look_a_person_is_asked(
        self, runtime: Runtime, platform: Platform
    ) -> None:
        bench = await make_bench(runtime, platform, "board.e")
        platform.faults.append("error_after")
        one = await bench.publish("Bonjour")
        await bench.work(one)
        await bench.work(one)

        shown = await bench.show(one)
        assert (shown.state, shown.needs_person) == ("checking", True)
        assert shown.allowed_actions == ["resolve"]
        assert (await bench.work_row(one)).state == "done"
        async with runtime.database.transaction(bench.scope) as tx:
            done = await service.resolve(
                runtime, tx, one, online=True, url="https://board.example/p1"
            )
        assert (done.state, done.permalink) == ("published", "https://board.example/p1")

    async def test_a_native_key_lets_us_send_again(
        self, runtime: Runtime, platform: Platform
    ) -> None:
        bench = await make_bench(runtime, platform, "board.a")
        platform.faults.append("error_after")
        one = await bench.publish("Bonjour")

        states = [(await bench.work(one)).state for _ in range(3)]

        assert states == ["unknown", "scheduled", "published"]
        assert platform.copies("Bonjour") == 1

    async def test_a_failing_plugin_after_the_send_is_unknown(self, bench: Bench) -> None:
        bench.platform.faults.append("bug")
        assert (await bench.work(await bench.publish("Bonjour"))).state == "unknown"

    async def test_a_duplicate_is_ours_when_the_platform_names_it(self, bench: Bench) -> None:
        bench.platform.faults.extend(["duplicate_known", "duplicate"])

        row = await bench.work(await bench.publish("Un"))
        assert (row.state, row.remote_id) == ("published", "p-old")
        assert (await bench.work(await bench.publish("Deux"))).state == "unknown"

    async def test_a_worker_lost_while_sending_leaves_an_unknown(self, bench: Bench) -> None:
        bench.platform.faults.append("hang")
        one = await bench.publish("Bonjour")
        claimed = await bench.claim(one)
        sending = asyncio.create_task(engine.handle(bench.runtime, bench.timing, claimed))
        await bench.platform.arrived.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert (await bench.row(one)).state == "sending"
        async with bench.runtime.database.transaction(bench.scope) as tx:
            await work.hand_back(tx, claimed, bench.runtime.clock.now())

        assert (await bench.work(one)).state == "unknown"
        assert (await bench.work(one)).state == "published"
        assert bench.platform.copies("Bonjour") == 1

    async def test_the_same_content_waits_while_the_first_is_in_doubt(self, bench: Bench) -> None:
        bench.platform.faults.append("error_after")
        first, second = await bench.publish("Bonjour"), await bench.publish("Bonjour")
        await bench.work(first)

        assert (await bench.work(second)).state == "scheduled"
        assert bench.platform.copies("Bonjour") == 1

        await bench.work(first)
        assert (await bench.work(second)).state == "published"
        assert (await bench.row(first)).remote_id != (await bench.row(second)).remote_id

    async def test_another_account_is_not_kept_waiting(self, bench: Bench) -> None:
        bench.platform.faults.append("error_after")
        first = await bench.publish("Bonjour")
        await bench.work(first)
        bench.account_id = await add_account(bench.runtime, bench.scope, "board.d", "2")

        assert (await bench.work(await bench.publish("Bonjour"))).state == "published"


class TestDecisions:
    async def test_cancelled_before_the_claim_never_goes_out(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")
        async with bench.runtime.database.transaction(bench.scope) as tx:
            shown = await service.cancel(bench.runtime, tx, one)

        row = await bench.work(one)

        assert (shown.state, row.state) == ("cancelled", "cancelled")
        assert bench.platform.calls == []

    async def test_cancelled_too_late_is_refused(self, bench: Bench) -> None:
        one = await bench.publish("Bonjour")
        await bench.work(one)
        with pytest.raises(Conflict):
            async with bench.runtime.database.transaction(bench.scope) as tx:
                await service.cancel(bench.runtime, tx, one)

    async def test_cancel_and_claim_at_once_have_one_winner(self, bench: Bench) -> None:
        async def cancel(one: object) -> bool:
            try:
                async with bench.runtime.database.transaction(bench.scope) as tx:
                    await service.cancel(bench.runtime, tx, one)  # type: ignore[arg-type]
            except Conflict:
                return False
            return True

        for n in range(12):
            text = f"Bonjour {n}"
            one = await bench.publish(text)
            claimed = await bench.claim(one)
            cancelled, _ = await asyncio.gather(
                cancel(one), engine.handle(bench.runtime, bench.timing, claimed)
            )
            assert bench.platform.copies(text) == (0 if cancelled else 1)
            assert (await bench.row(one)).state == ("cancelled" if cancelled else "published")

    async def test_retried_by_a_person(self, bench: Bench) -> None:
        bench.platform.faults.append("refuse")
        one = await bench.publish("Bonjour")
        await bench.work(one)
        async with bench.runtime.database.transaction(bench.scope) as tx:
            shown = await service.retry(bench.runtime, tx, one)
        assert (shown.state, shown.reason) == ("scheduled", None)

        row = await bench.work(one)
        assert (row.state, row.attempt) == ("published", 2)


class TestClocks:
    async def test_a_fast_clock_does_not_shorten_the_settle_time(self, bench: Bench) -> None:
        bench.platform.faults.append("late")
        one = await bench.publish("Bonjour")
        await bench.work(one)
        bench.runtime.clock.advance(hours=2)  # type: ignore[attr-defined]  # a movable one
        for post in bench.platform.posts:  # the platform still hides it
            post.visible_at += timedelta(hours=3)

        assert (await bench.work(one)).state == "unknown"
        assert bench.platform.copies("Bonjour") == 1
