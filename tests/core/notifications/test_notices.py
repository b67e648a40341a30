"""Who is told what, where, how often: from the event to the bell and the mailbox."""

import asyncio
import re

import pytest
from sqlalchemy import update

from palabre.db.scope import Scope
from palabre.domains.identity.tables import memberships
from palabre.domains.notifications import mailing, service
from palabre.domains.publishing.tables import publications
from palabre.mail.service import Told
from palabre.outbox.work import Claimed
from tests.core.notifications.newsroom import Newsroom

PLACE = re.compile(r"/publications/([0-9a-f-]{36})")


async def test_a_failure_reaches_those_who_work_on_the_client(newsroom: Newsroom) -> None:
    world = newsroom.world
    failed = await newsroom.happened("failed", "invalid_content")
    await newsroom.do_work()

    for person in (world.owner, world.admin, world.editor):
        notice = (await newsroom.told(person))[0]
        assert notice.kind == "publication_failed"
        assert notice.title.startswith("Not published on ")
        assert "does not accept this content" in notice.text
        assert notice.text.endswith("Who wrote it can correct it.")
        assert notice.target is not None
        assert (notice.target.kind, notice.target.id) == ("publication", failed)
        assert notice.client is not None
        assert notice.client.id == world.client_id
    assert await newsroom.told(world.viewer) == []
    assert await newsroom.told(world.stranger) == []


async def test_who_made_it_is_told_whatever_their_role(newsroom: Newsroom) -> None:
    world = newsroom.world
    await newsroom.happened("failed", "invalid_content", created_by=world.viewer.id)
    await newsroom.do_work()
    assert len(await newsroom.told(world.viewer)) == 1


async def test_who_left_is_not_told(newsroom: Newsroom) -> None:
    world = newsroom.world
    async with newsroom.runtime.database.transaction(Scope.of_agency(world.agency.id)) as tx:
        mine = memberships.c.user_id == world.editor.id
        await tx.execute(memberships.delete().where(tx.here(memberships), mine))
    await newsroom.happened("failed", "invalid_content", created_by=world.editor.id)
    await newsroom.do_work()
    assert await newsroom.told(world.editor) == []


async def test_each_reads_it_in_their_language(newsroom: Newsroom) -> None:
    await newsroom.speaks(newsroom.world.editor, "fr")
    await newsroom.happened("failed", "invalid_content")
    await newsroom.do_work()
    newsroom.clock.advance(seconds=31)
    await newsroom.do_work()

    notice = (await newsroom.bell(newsroom.world.editor, "fr")).items[0]
    assert notice.title.startswith("Échec de publication sur ")
    assert "refuse ce contenu" in notice.text
    letter = (await newsroom.letters(newsroom.world.editor))[0]
    assert (letter.locale, letter.template) == ("fr", "publication_failed")
    assert "refuse ce contenu" in letter.text_body
    assert f"/publications/{notice.target.id}" in letter.text_body  # type: ignore[union-attr]
    english = (await newsroom.letters(newsroom.world.admin))[0]
    assert english.subject.startswith("Not published on ")
    assert english.sender_name == newsroom.world.agency.name


async def test_ten_failures_at_once_are_one_mail_and_later_ones_wait_five_minutes(
    newsroom: Newsroom,
) -> None:
    editor = newsroom.world.editor
    for _ in range(10):
        await newsroom.happened("failed", "invalid_content")
    await newsroom.do_work()
    assert await newsroom.letters(editor) == []  # its like are gathered for half a minute
    newsroom.clock.advance(seconds=31)
    await newsroom.do_work()
    first = await newsroom.letters(editor)
    assert [one.template for one in first] == ["publication_failed_several"]
    assert first[0].subject.startswith("10 publications of ")
    assert first[0].text_body.count("Not published on") == 10

    for _ in range(3):
        await newsroom.happened("failed", "invalid_content")
        await newsroom.read_all(newsroom.world.admin)
        newsroom.clock.advance(seconds=60)
        await newsroom.do_work()
    assert len(await newsroom.letters(editor)) == 1
    newsroom.clock.advance(seconds=130)
    await newsroom.do_work()
    assert [one.subject[:2] for one in await newsroom.letters(editor)] == ["10", "3 "]


async def test_a_steady_stream_of_failures_does_not_put_the_mail_off(newsroom: Newsroom) -> None:
    for _ in range(5):
        await newsroom.happened("failed", "invalid_content")
        await newsroom.do_work()
        newsroom.clock.advance(seconds=10)
    assert len(await newsroom.letters(newsroom.world.editor)) == 1


async def test_what_was_read_meanwhile_is_not_mailed(newsroom: Newsroom) -> None:
    world = newsroom.world
    await newsroom.happened("failed", "invalid_content")
    await newsroom.do_work()
    await newsroom.read_all(world.editor)
    newsroom.clock.advance(minutes=10)
    await newsroom.do_work()
    assert await newsroom.letters(world.editor) == []
    assert len(await newsroom.letters(world.admin)) == 1
    bell = await newsroom.bell(world.editor)
    assert (len(bell.items), bell.unread) == (1, 0)


async def test_publishing_well_is_told_under_the_bell_only_unless_wished_otherwise(
    newsroom: Newsroom,
) -> None:
    world = newsroom.world
    await newsroom.choose(world.admin, "publication_published", in_app=False, email=True)
    await newsroom.choose(world.owner, "publication_published", in_app=False, email=False)
    await newsroom.happened("published")
    await newsroom.do_work()
    newsroom.clock.advance(minutes=1)
    await newsroom.do_work()

    assert [one.kind for one in await newsroom.told(world.editor)] == ["publication_published"]
    assert await newsroom.letters(world.editor) == []
    assert await newsroom.told(world.admin) == []
    assert [one.template for one in await newsroom.letters(world.admin)] == [
        "publication_published"
    ]
    assert await newsroom.told(world.owner) == await newsroom.letters(world.owner) == []


async def test_an_event_told_twice_is_one_notice_and_one_mail(newsroom: Newsroom) -> None:
    await newsroom.happened("failed", "invalid_content")
    for _ in range(2):
        await newsroom.do_work()
        newsroom.clock.advance(minutes=10)
        await newsroom.replay_events()
    await newsroom.do_work()
    assert len(await newsroom.told(newsroom.world.editor)) == 1
    assert len(await newsroom.letters(newsroom.world.editor)) == 1


async def test_what_is_over_already_is_not_told(newsroom: Newsroom) -> None:
    failed = await newsroom.happened("failed", "invalid_content")
    async with newsroom.runtime.database.transaction(newsroom.bench.scope) as tx:
        await tx.execute(
            update(publications)
            .where(tx.here(publications), publications.c.id == failed)
            .values(state="scheduled", failure=None)
        )
    await newsroom.happened("scheduled")
    await newsroom.happened("unknown", "unknown_outcome")
    await newsroom.do_work()
    assert await newsroom.told(newsroom.world.editor) == []


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("unknown", {"code": "unknown_outcome_ask", "needs_person": True}),
        ("held", {"code": "stale", "held_reason": "stale"}),
    ],
)
async def test_what_waits_for_a_person_is_told(
    newsroom: Newsroom, state: str, values: dict[str, object]
) -> None:
    await newsroom.happened(state, **values)  # type: ignore[arg-type]
    await newsroom.do_work()
    notice = (await newsroom.told(newsroom.world.editor))[0]
    assert notice.kind == "publication_needs_person"
    assert notice.text.endswith("You can decide now.")


@pytest.mark.parametrize("state", ["needs_reconnect", "revoked"])
async def test_a_lost_account_is_told_and_mailed(newsroom: Newsroom, state: str) -> None:
    await newsroom.lost(state)
    await newsroom.do_work()
    newsroom.clock.advance(seconds=31)
    await newsroom.do_work()
    notice = (await newsroom.told(newsroom.world.admin))[0]
    assert notice.kind == "account_needs_reconnect"
    assert "none is lost" in notice.text
    letter = (await newsroom.letters(newsroom.world.admin))[0]
    assert f"/accounts/{newsroom.bench.account_id}" in letter.text_body


async def test_news_that_comes_while_a_mail_is_written_is_mailed_later(newsroom: Newsroom) -> None:
    """The mail and the news meet at the row of work: whoever comes second sees the other."""
    editor = newsroom.world.editor
    for _ in range(6):
        await newsroom.happened("failed", "invalid_content")
        await asyncio.gather(newsroom.do_work(), newsroom.do_work())
        newsroom.clock.advance(minutes=6)
        await newsroom.happened("failed", "invalid_content")
        await asyncio.gather(newsroom.do_work(), newsroom.do_work())
    newsroom.clock.advance(minutes=6)
    await newsroom.do_work()
    letters = await newsroom.letters(editor)
    assert len({place for one in letters for place in PLACE.findall(one.text_body)}) == 12
    assert len(await newsroom.told(editor)) == 12


async def test_a_lost_hold_writes_nothing(newsroom: Newsroom) -> None:
    await newsroom.happened("failed", "invalid_content")
    await newsroom.do_work()
    newsroom.clock.advance(minutes=1)
    stale = Claimed(
        agency_id=newsroom.world.agency.id,
        client_id=newsroom.world.client_id,
        id=newsroom.world.client_id,
        kind="notices.mail.publication_failed",
        subject_id=newsroom.world.editor.id,
        fence=1,
        attempt=1,
    )
    await mailing.send(newsroom.runtime, stale)
    assert await newsroom.letters(newsroom.world.editor) == []


async def test_a_mail_that_failed_is_told_to_who_caused_it(newsroom: Newsroom) -> None:
    world = newsroom.world
    told = Told(user_id=world.admin.id, agency_id=world.agency.id, client_id=world.client_id)
    async with newsroom.runtime.database.transaction(Scope.of_agency(world.agency.id)) as tx:
        await service.mail_failed(tx, told, world.client_id, "gone@example.org")
    notice = (await newsroom.told(world.admin))[0]
    assert notice.title == "A mail to gone@example.org could not be delivered"
    assert notice.target is None
    assert await newsroom.told(world.editor) == []
