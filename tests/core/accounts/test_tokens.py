# ruff: noqa: F811  (fixtures are imported by name and used as arguments)
"""Tokens: sealed where they lie, refreshed once however many need them, never lost for less."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from palabre.base.clock import MovableClock
from palabre.db.scope import Scope
from palabre.domains.accounts import service
from palabre.domains.accounts.jobs import check_account
from palabre.domains.accounts.tables import accounts, grants
from palabre.domains.runtime import Runtime
from palabre.outbox import schedules, work
from palabre.plugins.context import Subject
from palabre.sdk.errors import AuthRevoked, Transient
from palabre.vault.envelope import SealBroken
from tests.support.api import World
from tests.support.connecting import (  # noqa: F401  # fixtures
    Desk,
    app,
    board,
    desk,
    registry,
    rows_of_everything,
)
from tests.support.databases import DatabaseUrls
from tests.support.testing_plugin import Board


def subject(world: World) -> Subject:
    return Subject(agency_id=world.agency.id, client_id=world.client_id)


def scope(world: World) -> Scope:
    return Scope.of_client(world.agency.id, world.client_id)


async def token(runtime: Runtime, world: World, account_id: str) -> str:
    """Ask for a token as a call of half a minute would."""
    async with runtime.database.transaction(scope(world)) as tx:
        ref = service.ref_of(await service.account_row(tx, UUID(account_id)))
    until = runtime.clock.now() + timedelta(seconds=30)
    given = await service.AccountTokens(runtime).token(subject(world), ref, until)
    return given.secret.reveal()


async def shown(runtime: Runtime, world: World) -> list[service.Account]:
    """Return the accounts; hours pass in these tests, longer than a session's token."""
    async with runtime.database.transaction(scope(world)) as tx:
        return await service.show_accounts(runtime, tx)


async def test_no_token_is_readable_in_the_database(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    database_urls: DatabaseUrls,
) -> None:
    board.own_tokens = True
    attempt_id = await desk.to_choice()
    while_choosing = await rows_of_everything(database_urls.admin)
    await desk.browser.post(f"/connect/{attempt_id}/choose", remote_ids=["p1", "p2"])
    everything = while_choosing + await rows_of_everything(database_urls.admin)
    assert "Page Teranga" in everything, "the search sees the rows"
    assert "canary" not in everything
    assert desk.browser.http.cookies["palabre_connect"] not in everything
    assert board.starts[-1].state not in everything


async def test_a_moved_token_does_not_open(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
) -> None:
    board.own_tokens = True
    one, two = await desk.connect("p1", "p2")
    async with runtime.database.transaction(scope(world)) as tx:
        sealed = await tx.scalar(
            select(accounts.c.access_token).where(accounts.c.id == UUID(one["id"]))
        )
        await tx.execute(
            update(accounts)
            .where(tx.here(accounts), accounts.c.id == UUID(two["id"]))
            .values(access_token=sealed)
        )
    assert (await token(runtime, world, one["id"])).startswith("canary-page-p1")
    with pytest.raises(SealBroken):
        await token(runtime, world, two["id"])


async def test_a_token_that_lives_is_not_refreshed(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
    clock: MovableClock,
) -> None:
    (account,) = await desk.connect("p1")
    clock.advance(minutes=109)
    assert await token(runtime, world, account["id"]) == board.access
    assert board.calls["refresh"] == 0
    clock.advance(minutes=2)
    assert await token(runtime, world, account["id"]) == board.access
    assert board.calls["refresh"] == 1
    async with runtime.database.transaction(scope(world)) as tx:
        row = await tx.one(select(grants).where(tx.here(grants)))
        used = (await service.account_row(tx, UUID(account["id"]))).last_used_at
    assert row.version == 2
    assert used is not None


async def test_many_at_once_refresh_once(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
    clock: MovableClock,
) -> None:
    one, two = await desk.connect("p1", "p2")
    board.refresh_delay_s = 0.2
    for expiry in range(1, 4):
        clock.advance(hours=3)
        asked = (token(runtime, world, (one, two)[n % 2]["id"]) for n in range(12))
        assert set(await asyncio.gather(*asked)) == {board.access}
        assert (board.calls["refresh"], board.reused) == (expiry, 0)


async def test_no_refresh_token_in_the_answer_keeps_the_old_one(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
    clock: MovableClock,
) -> None:
    (account,) = await desk.connect("p1")
    old = board.refresh_token
    board.gives_refresh = False
    clock.advance(hours=3)
    await token(runtime, world, account["id"])
    board.refresh_token = old
    clock.advance(hours=3)
    await token(runtime, world, account["id"])
    assert (board.calls["refresh"], board.reused) == (2, 0)


async def test_a_withdrawn_consent_stops_every_account_on_it(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
    clock: MovableClock,
) -> None:
    one, two = await desk.connect("p1", "p2")
    board.fails["refresh"] = AuthRevoked("withdrawn")
    lost: list[UUID] = []

    async def note(tx: object, account_id: UUID) -> None:
        lost.append(account_id)

    service.on_lost.append(note)
    try:
        clock.advance(hours=3)
        with pytest.raises(AuthRevoked):
            await token(runtime, world, one["id"])
    finally:
        service.on_lost.remove(note)
    states = {account.state for account in await shown(runtime, world)}
    assert states == {"needs_reconnect"}
    assert sorted(lost) == sorted(UUID(account["id"]) for account in (one, two))


async def test_a_platform_that_is_away_is_not_a_lost_account(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
    clock: MovableClock,
) -> None:
    (account,) = await desk.connect("p1")
    board.fails["refresh"] = Transient("down")
    clock.advance(hours=3)
    with pytest.raises(Transient):
        await token(runtime, world, account["id"])
    (found,) = await shown(runtime, world)
    assert (found.state, found.last_error) == ("active", None)


async def test_a_disconnected_account_gives_no_token(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
) -> None:
    (account,) = await desk.connect("p1")
    await desk.api.delete(f"{desk.path}/accounts/{account['id']}")
    with pytest.raises(AuthRevoked):
        await token(runtime, world, account["id"])


async def test_a_check_renews_a_token_the_platform_refused(desk: Desk, board: Board) -> None:
    (account,) = await desk.connect("p1")
    board.access = "another"
    board.life = timedelta(days=30)
    answer = await desk.api.post(f"{desk.path}/accounts/{account['id']}/check")
    assert answer.json()["state"] == "active"
    assert board.calls["refresh"] == 1


async def test_connecting_tells_who_waits_and_plans_a_daily_check(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
    clock: MovableClock,
) -> None:
    told: list[UUID] = []

    async def note(tx: object, account_id: UUID) -> None:
        told.append(account_id)

    service.on_connected.append(note)
    try:
        (account,) = await desk.connect("p1")
    finally:
        service.on_connected.remove(note)
    assert told == [UUID(account["id"])]
    async with runtime.database.transaction(scope(world)) as tx:
        planned = await tx.all(select(schedules.schedules).where(tx.here(schedules.schedules)))
    assert [(row.kind, row.queue, row.subject_id) for row in planned] == [
        (service.CHECK, "metrics", UUID(account["id"]))
    ]
    span = planned[0].next_due_at - clock.now()
    assert timedelta(0) < span <= timedelta(days=1)


async def test_the_daily_check_is_work_that_ends(
    desk: Desk,
    board: Board,
    runtime: Runtime,
    world: World,
) -> None:
    (account,) = await desk.connect("p1")

    async def state_after_check() -> tuple[str, str | None]:
        async with runtime.database.transaction(scope(world)) as tx:
            await work.put(tx, "metrics", service.CHECK, UUID(account["id"]), clock_now())
        (claimed,) = [
            one
            for one in await work.claim(
                runtime.database, "metrics", limit=50, lease_s=30, per_client=5
            )
            if one.subject_id == UUID(account["id"])
        ]
        await check_account(runtime, claimed)
        async with runtime.database.transaction(scope(world)) as tx:
            row = await tx.one(
                select(work.work).where(tx.here(work.work), work.work.c.id == claimed.id)
            )
        return row.state, row.last_error

    def clock_now():  # type: ignore[no-untyped-def]
        return runtime.clock.now() - timedelta(seconds=5)

    assert await state_after_check() == ("done", None)
    assert board.calls["check"] == 1
    board.fails["check"] = Transient("down")
    assert await state_after_check() == ("waiting", "platform_unreachable")
