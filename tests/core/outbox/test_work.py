"""Due work, events, schedules and kept answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from palabre.base.errors import Invalid
from palabre.base.ids import new_id
from palabre.db.door import Database
from palabre.db.scope import Scope
from palabre.domains.agencies import service as agencies
from palabre.outbox import answers, events, schedules, work
from palabre.outbox.answers import Answer
from palabre.sdk.events import PieceChanged
from tests.support.databases import DatabaseUrls

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def database(fresh_database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    opened = Database(fresh_database_urls.app, pool_size=5)
    yield opened
    await opened.close()


async def _clients(database: Database, count: int) -> list[Scope]:
    agency_id = new_id()
    async with database.transaction(Scope.of_agency(agency_id)) as tx:
        await agencies.create_agency(tx, "A", "en", "UTC")
        made = [await agencies.create_client(tx, f"C{n}", "UTC", "en") for n in range(count)]
    return [Scope.of_client(agency_id, client.id) for client in made]


async def _put(database: Database, scope: Scope, count: int) -> None:
    async with database.transaction(scope) as tx:
        for _ in range(count):
            await work.put(tx, "publish", "publication", new_id(), LONG_AGO)


async def _claim(database: Database, limit: int, lease_s: float = 60) -> list[work.Claimed]:
    return await work.claim(database, "publish", limit=limit, lease_s=lease_s, per_client=3)


async def test_a_small_client_is_served_beside_a_large_backlog(database: Database) -> None:
    large, small = await _clients(database, 2)
    await _put(database, large, 50)
    await _put(database, small, 2)
    claimed = Counter(one.client_id for one in await _claim(database, 4))
    assert claimed == {large.client_id: 2, small.client_id: 2}


async def test_a_client_has_no_more_in_flight_than_its_share(database: Database) -> None:
    (only,) = await _clients(database, 1)
    await _put(database, only, 10)
    assert len(await _claim(database, 10)) == 3
    assert await _claim(database, 10) == []


async def test_parallel_claims_never_share_a_row(database: Database) -> None:
    scopes = await _clients(database, 4)
    for scope in scopes:
        await _put(database, scope, 3)
    taken = await asyncio.gather(*(_claim(database, 3) for _ in range(6)))
    ids = [one.id for claimed in taken for one in claimed]
    assert len(ids) == len(set(ids))


async def test_who_lost_the_fence_can_do_nothing(database: Database) -> None:
    (scope,) = await _clients(database, 1)
    await _put(database, scope, 1)
    (old,) = await _claim(database, 1, lease_s=0)
    await asyncio.sleep(0.05)
    assert await work.sweep(database) == 1
    (new,) = await _claim(database, 1)
    assert (new.id, new.fence, new.attempt) == (old.id, old.fence + 1, 2)
    async with database.transaction(scope) as tx:
        assert not await work.holds(tx, old)
        assert not await work.finish(tx, old)
        assert await work.holds(tx, new, margin_s=30)
        assert not await work.holds(tx, new, margin_s=90)
        assert await work.finish(tx, new)
    assert await _claim(database, 1) == []


async def test_work_put_again_while_held_keeps_its_holder(database: Database) -> None:
    (scope,) = await _clients(database, 1)
    subject = new_id()
    async with database.transaction(scope) as tx:
        await work.put(tx, "publish", "publication", subject, LONG_AGO)
    (held,) = await _claim(database, 1)
    async with database.transaction(scope) as tx:
        await work.put(tx, "publish", "publication", subject, LONG_AGO)
        assert await work.holds(tx, held)
        assert await work.hand_back(tx, held, LONG_AGO, error="later")
    assert len(await _claim(database, 1)) == 1


async def test_an_event_is_relayed_once(database: Database) -> None:
    (scope,) = await _clients(database, 1)
    async with database.transaction(scope) as tx:
        await events.emit(tx, PieceChanged, piece_id="1", state="draft")
    relayed = await asyncio.gather(*(events.relay(database) for _ in range(4)))
    assert sum(relayed) == 1
    claimed = await work.claim(database, "webhooks", limit=5, lease_s=9, per_client=9)
    assert sorted(one.kind for one in claimed) == sorted(events.CONSUMERS)
    async with database.transaction(scope) as tx:
        body = await tx.scalar(text("SELECT body FROM events"))
    decoded = events.decode(body)
    assert isinstance(decoded, PieceChanged)
    assert decoded.client_id == str(scope.client_id)


async def test_an_event_of_a_failed_change_does_not_exist(database: Database) -> None:
    (scope,) = await _clients(database, 1)
    with pytest.raises(RuntimeError):  # noqa: PT012  # the transaction is what is tried
        async with database.transaction(scope) as tx:
            await events.emit(tx, PieceChanged, piece_id="1", state="draft")
            raise RuntimeError
    assert await events.relay(database) == 0


async def test_missed_occurrences_are_made_up_once(database: Database) -> None:
    (scope,) = await _clients(database, 1)
    now = datetime.now(UTC)
    async with database.transaction(scope) as tx:
        rule = ("metrics", "account.check", new_id(), "*/5 * * * *", "Africa/Dakar")
        await schedules.plan(tx, *rule, now - timedelta(days=2))
    ticks = await asyncio.gather(*(schedules.tick(database, now) for _ in range(3)))
    assert max(ticks) == 1
    claimed = await work.claim(database, "metrics", limit=5, lease_s=9, per_client=9)
    assert len(claimed) == 1
    assert await schedules.tick(database, now) == 0


def test_a_daily_rule_fires_once_on_the_day_clocks_change() -> None:
    after = datetime(2026, 10, 24, 12, tzinfo=UTC)
    times = []
    for _ in range(3):
        after = schedules.next_time("30 2 * * *", "Europe/Paris", after)
        times.append(after.astimezone(ZoneInfo("Europe/Paris")))
    assert [time.day for time in times] == [25, 26, 27]


@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.timedeltas(timedelta(), timedelta(days=700)),
    st.sampled_from(["Europe/Paris", "Africa/Dakar", "America/New_York", "Australia/Lord_Howe"]),
)
def test_a_next_time_is_later_and_at_most_two_days_away(
    minute: int, hour: int, after: timedelta, zone: str
) -> None:
    start = LONG_AGO + after
    following = schedules.next_time(f"{minute} {hour} * * *", zone, start)
    assert start < following <= start + timedelta(hours=49)


def test_six_fields_are_not_a_rule() -> None:
    with pytest.raises(ValueError, match="five"):
        schedules.next_time("* * * * * *", "UTC", LONG_AGO)


async def test_a_kept_answer_is_given_again_and_forgotten_after_a_day(database: Database) -> None:
    (scope,) = await _clients(database, 1)
    hashed = answers.request_hash("POST", "/x", b"{}")
    async with database.transaction(scope) as tx:
        assert await answers.begin(tx, "k", hashed) is None
        await answers.keep(tx, "k", Answer(status=201, body="{}"))
    async with database.transaction(scope) as tx:
        assert await answers.begin(tx, "k", hashed) == Answer(status=201, body="{}")
        with pytest.raises(Invalid):
            await answers.begin(tx, "k", answers.request_hash("POST", "/x", b"{1}"))
        await tx.execute(text("UPDATE idempotency_keys SET created_at = now() - interval '25 h'"))
    assert await answers.forget_expired(database) == 1


async def test_a_key_of_a_failed_call_is_free_again(database: Database) -> None:
    (scope,) = await _clients(database, 1)
    hashed = answers.request_hash("POST", "/x", b"{}")
    with pytest.raises(RuntimeError):  # noqa: PT012  # the transaction is what is tried
        async with database.transaction(scope) as tx:
            await answers.begin(tx, "k", hashed)
            raise RuntimeError
    async with database.transaction(scope) as tx:
        assert await answers.begin(tx, "k", hashed) is None
        await answers.forget(tx, "k")
        assert await answers.begin(tx, "k", hashed) is None


@given(st.tuples(st.text(), st.text(), st.binary()), st.tuples(st.text(), st.text(), st.binary()))
def test_different_requests_have_different_hashes(
    one: tuple[str, str, bytes], other: tuple[str, str, bytes]
) -> None:
    same = answers.request_hash(*one) == answers.request_hash(*other)
    assert same == (one == other)
