"""Makes things happen to a client, and lets a worker tell people of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from palabre.base.clock import MovableClock
from palabre.db.scope import Scope
from palabre.domains.accounts.tables import accounts
from palabre.domains.identity.tables import users
from palabre.domains.notifications import service as notifications
from palabre.domains.notifications.service import NoticeItem, Preference
from palabre.domains.publishing import machine
from palabre.domains.publishing.records import record, store
from palabre.domains.publishing.tables import publications
from palabre.jobs.handlers import handlers
from palabre.mail.tables import mails
from palabre.outbox import events, work
from palabre.outbox.tables import work as work_table
from palabre.sdk.events import AccountChanged, PublicationChanged
from tests.faults.bench import Bench
from tests.support.api import Person


class Newsroom:
    """One client, its publications and the people who work on it."""

    def __init__(self, bench: Bench, clock: MovableClock) -> None:
        self.bench = bench
        self.clock = clock
        self.world = bench.world
        self.runtime = bench.runtime

    async def happened(self, state: str, code: str = "", **values: Any) -> UUID:
        """Make a publication, put it into ``state`` and emit the event of it; return its id."""
        publication_id = await self.bench.publish(f"Text {self.clock.now().isoformat()}")
        failure = store(record(code)) if code else None
        async with self.runtime.database.transaction(self.bench.scope) as tx:
            await tx.execute(
                update(publications)
                .where(tx.here(publications), publications.c.id == publication_id)
                .values(state=state, failure=failure, **values)
            )
            await self._tell(tx, publication_id, machine.public(state))  # type: ignore[arg-type]
        return publication_id

    async def _tell(self, tx: Any, publication_id: UUID, state: str) -> None:
        await events.emit(
            tx,
            PublicationChanged,
            publication_id=str(publication_id),
            account_id=str(self.bench.account_id),
            state=state,
        )

    async def lost(self, state: str = "needs_reconnect") -> None:
        """Lose the access to the account."""
        async with self.runtime.database.transaction(self.bench.scope) as tx:
            await tx.execute(update(accounts).where(tx.here(accounts)).values(state=state))
            await events.emit(
                tx,
                AccountChanged,
                account_id=str(self.bench.account_id),
                platform="board",
                state=state,
            )

    async def do_work(self) -> int:
        """Do all work of telling that is due by the worker's clock; return how much it was."""
        done = 0
        hands = handlers(self.runtime, self.bench.timing)
        while found := await self._claim():
            for claimed in found:
                await hands[claimed.kind](claimed)
                done += claimed.kind.startswith("notices.mail")
        return done

    async def _claim(self) -> list[work.Claimed]:
        """Claim as if the database's clock stood where the worker's does."""
        await events.relay(self.runtime.database)
        async with self.runtime.database.transaction(self.bench.scope) as tx:
            mine = tx.here(work_table) & (work_table.c.queue == "webhooks")
            due = work_table.c.due_at <= self.clock.now()
            await tx.execute(
                update(work_table)
                .where(mine, due, work_table.c.state == "waiting")
                .values(due_at=self.clock.now() - timedelta(days=400))
            )
        return await work.claim(
            self.runtime.database, "webhooks", limit=50, lease_s=60, per_client=50
        )

    async def replay_events(self) -> None:
        """Let every event be told once more, as after a crash between telling and finishing."""
        async with self.runtime.database.transaction(self.bench.scope) as tx:
            mine = tx.here(work_table) & (work_table.c.kind == "event.notices")
            await tx.execute(update(work_table).where(mine).values(state="waiting"))

    async def told(self, person: Person) -> list[NoticeItem]:
        """Return what a person finds under the bell."""
        return (await self.bell(person)).items

    async def bell(self, person: Person, locale: str = "en") -> notifications.Notices:
        """Return the page under the bell of a person, in a language."""
        scope = Scope.of_client(self.world.agency.id, self.world.client_id, locale=locale)
        async with self.runtime.database.transaction(scope) as tx:
            return await notifications.page(tx, person.id, 50, None)

    async def read_all(self, person: Person) -> None:
        """Read everything as that person."""
        async with self.runtime.database.transaction(self.bench.scope) as tx:
            await notifications.mark_all_read(tx, person.id, self.clock.now())

    async def choose(self, person: Person, kind: Any, *, in_app: bool, email: bool) -> None:
        """Choose as that person."""
        wanted = [Preference(kind=kind, in_app=in_app, email=email)]
        async with self.runtime.database.transaction(Scope.of_agency(self.world.agency.id)) as tx:
            await notifications.choose(tx, person.id, wanted)

    async def speaks(self, person: Person, locale: str) -> None:
        """Set a person's language."""
        async with self.runtime.database.unscoped() as tx:
            await tx.execute(update(users).where(users.c.id == person.id).values(locale=locale))

    async def letters(self, person: Person) -> list[Any]:
        """Return the letters written to a person, oldest first."""
        query = select(mails).where(mails.c.recipient == person.email).order_by(mails.c.id)
        async with self.runtime.database.unscoped() as tx:
            return await tx.all(query)
