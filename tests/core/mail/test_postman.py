"""Letters from their transaction to the server: none lost, none early, no secret left behind."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from palabre.base.clock import MovableClock
from palabre.base.ids import new_id
from palabre.base.settings import Settings
from palabre.db.door import Database, Tx
from palabre.mail.catcher import Catcher
from palabre.mail.postman import LEASE, Postman, carrier_of, wait_after
from palabre.mail.service import Told, caught, post
from palabre.mail.smtp import Outgoing, SmtpCarrier, parse
from palabre.mail.tables import mails
from tests.core.mail.support import FACTS, mail_server, open_database, write_letter
from tests.support.api import make_settings
from tests.support.databases import DatabaseUrls


class Office:
    """A postman, the table he empties, and whom he told of failures."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = MovableClock()
        self.told: list[tuple[UUID, str]] = []

    def postman(self, port: int) -> Postman:
        server = parse(f"smtp://127.0.0.1:{port}?tls=none", "http://palabre.test")
        return Postman(self.database, self.clock, lambda: SmtpCarrier(server), self._failed)

    async def _failed(self, tx: Tx, told: Told, mail_id: UUID, recipient: str) -> None:
        self.told.append((told.user_id, recipient))

    async def row(self, mail_id: UUID) -> Any:
        async with self.database.unscoped() as tx:
            return await tx.one(select(mails).where(mails.c.id == mail_id))


@pytest.fixture
async def office(fresh_database_urls: DatabaseUrls) -> Office:
    return Office(open_database(fresh_database_urls))


async def test_a_letter_leaves_after_its_commit_and_takes_its_secret_along(office: Office) -> None:
    async with mail_server() as server:
        postman = office.postman(server.port)
        async with office.database.unscoped() as tx:
            written = await post(tx, "password_reset", "awa@example.org", "en", FACTS)
            assert await postman.round() == 0
        assert await postman.round() == 1
        assert await postman.round() == 0

    assert "s3cr3t" in server.received[0].as_string()
    row = await office.row(written)
    assert (row.state, row.text_body, row.html_body) == ("sent", "", "")
    assert row.sent_at is not None


async def test_without_the_commit_there_is_no_letter(office: Office) -> None:
    async def fail(_: Tx) -> None:
        raise RuntimeError("the cause failed")

    async def cause() -> None:
        async with office.database.unscoped() as tx:
            await post(tx, "password_reset", "awa@example.org", "en", FACTS)
            tx.before_commit(fail)

    with pytest.raises(RuntimeError, match="the cause failed"):
        await cause()
    async with mail_server() as server:
        assert await office.postman(server.port).round() == 0


async def test_letters_wait_for_a_server_that_is_down(office: Office) -> None:
    async with mail_server() as server:
        port = server.port
    written = [await write_letter(office.database) for _ in range(3)]
    postman = office.postman(port)
    assert await postman.round() == 3
    assert await postman.round() == 0  # not before a minute has passed
    assert {(await office.row(one)).state for one in written} == {"waiting"}

    office.clock.advance(seconds=61)
    async with mail_server(port=port) as server:
        assert await postman.round() == 3
    assert len(server.received) == 3
    assert len({message["Message-ID"] for message in server.received}) == 3


async def test_waits_grow_from_a_minute_to_six_hours() -> None:
    minutes = [wait_after(n) / timedelta(minutes=1) for n in range(1, 12)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


async def test_after_a_day_it_is_given_up_and_whoever_caused_it_is_told(office: Office) -> None:
    told = Told(user_id=new_id(), agency_id=new_id())
    async with mail_server() as server:
        server.answers["RCPT"] = "450 4.2.1 Mailbox busy"
        written = await write_letter(office.database, told=told)
        postman = office.postman(server.port)
        tries, hours = 0, 0.0
        while (row := await office.row(written)).state != "failed":
            assert hours < 30
            office.clock.advance(minutes=10)
            hours += 1 / 6
            tries += await postman.round()
        assert 24 <= hours < 24.5
        assert tries == row.attempts == 13
    assert office.told == [(told.user_id, "awa@example.org")]
    assert (row.text_body, row.html_body) == ("", "")


async def test_a_mailbox_that_does_not_exist_is_given_up_at_once(office: Office) -> None:
    told = Told(user_id=new_id(), agency_id=new_id())
    async with mail_server() as server:
        server.answers["RCPT"] = "550 5.1.1 No such user awa@example.org"
        written = await write_letter(office.database, told=told)
        await office.postman(server.port).round()
    row = await office.row(written)
    assert (row.state, row.attempts) == ("failed", 1)
    assert "example.org" not in row.last_error
    assert office.told == [(told.user_id, "awa@example.org")]


async def test_many_postmen_bring_each_letter_once(office: Office) -> None:
    written = [await write_letter(office.database, to=f"{n}@example.org") for n in range(60)]
    async with mail_server() as server:
        postmen = [office.postman(server.port) for _ in range(4)]
        while sum(await asyncio.gather(*(one.round() for one in postmen))):
            pass
    assert sorted(message["To"] for message in server.received) == sorted(
        f"{n}@example.org" for n in range(60)
    )
    assert {(await office.row(one)).state for one in written} == {"sent"}


class DyingCarrier:
    """Hands the letter over and dies before anybody can write it down."""

    keeps_bodies = False

    def __init__(self, inner: SmtpCarrier) -> None:
        self._inner = inner

    async def carry(self, letter: Outgoing) -> None:
        await self._inner.carry(letter)
        raise asyncio.CancelledError

    async def close(self) -> None:
        await self._inner.close()


async def test_a_death_after_the_servers_yes_may_double_but_never_lose(office: Office) -> None:
    written = await write_letter(office.database)
    async with mail_server() as server:
        place = parse(f"smtp://127.0.0.1:{server.port}?tls=none", "http://palabre.test")
        dying = Postman(
            office.database,
            office.clock,
            lambda: DyingCarrier(SmtpCarrier(place)),
            office._failed,
        )
        with pytest.raises(asyncio.CancelledError):
            await dying.round()
        assert (await office.row(written)).state == "sending"
        postman = office.postman(server.port)
        assert await postman.round() == 0  # its lease still runs
        office.clock.advance(seconds=LEASE.total_seconds() + 1)
        assert await postman.round() == 1
    ids = [message["Message-ID"] for message in server.received]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert (await office.row(written)).state == "sent"


async def test_the_demos_catcher_keeps_what_it_caught(office: Office) -> None:
    written = await write_letter(office.database)
    postman = Postman(office.database, office.clock, Catcher, office._failed)
    assert await postman.round() == 1
    async with office.database.unscoped() as tx:
        page = await caught(tx, 10, None)
    assert [one.id for one in page.items] == [written]
    assert "s3cr3t" in page.items[0].text
    assert page.items[0].state == "sent"


async def test_letters_are_forgotten_after_thirty_days(office: Office) -> None:
    await write_letter(office.database)
    postman = Postman(office.database, office.clock, Catcher, office._failed)
    assert await postman.forget() == 0
    office.clock.advance(days=31)
    assert await postman.forget() == 1


async def test_in_production_without_a_server_letters_wait(
    office: Office, fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Any
) -> None:
    def settings(**more: Any) -> Settings:
        return make_settings(fresh_database_urls, redis_url, tmp_path, **more)

    written = await write_letter(office.database)
    carriers = carrier_of(settings(environment="production"))
    assert carriers is None
    assert await Postman(office.database, office.clock, carriers, office._failed).round() == 0
    assert (await office.row(written)).state == "waiting"
    assert carrier_of(settings(environment="demo")) is Catcher
    there = carrier_of(settings(environment="demo", smtp_url="smtp://mail.example.org"))
    assert there is not None
    assert isinstance(there(), SmtpCarrier)
