"""A client with an account on the board, and the hands of a worker."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from palabre.base.ids import new_id
from palabre.db.scope import Scope
from palabre.domains.accounts.tables import accounts, grants
from palabre.domains.agencies.views import Isolation
from palabre.domains.content import service as content
from palabre.domains.enabling.tables import client_plugins
from palabre.domains.publishing import engine, machine, service, steps
from palabre.domains.publishing.tables import publication_steps, publications
from palabre.domains.publishing.timing import Timing
from palabre.domains.publishing.views import Publication
from palabre.domains.runtime import Runtime
from palabre.outbox import work
from palabre.outbox.tables import work as work_table
from palabre.outbox.work import Claimed
from palabre.sdk.values import Secret
from tests.faults.board import Platform
from tests.support.api import World, make_world, scope_of


class Bench:
    """Drives publications of one account step by step."""

    def __init__(
        self, runtime: Runtime, platform: Platform, world: World, scope: Scope, account_id: UUID
    ) -> None:
        self.runtime = runtime
        self.platform = platform
        self.world = world
        self.scope = scope
        self.account_id = account_id
        self.timing = Timing()

    async def piece(self, text: str) -> UUID:
        """Write a piece."""
        async with self.runtime.database.transaction(self.scope) as tx:
            return await content.write(tx, text=text)

    async def publish(self, text: str, **more: Any) -> UUID:
        """Make a publication due now and return its id."""
        piece_id = await self.piece(text)
        async with self.runtime.database.transaction(self.scope) as tx:
            made = await service.create(
                self.runtime,
                tx,
                piece_id=piece_id,
                account_ids=[self.account_id],
                publish_at=more.get("publish_at"),
                time_zone=more.get("time_zone"),
            )
        return made.items[0].id

    async def claim(self, publication_id: UUID, *, lease_s: float = 60.0) -> Claimed:
        """Make the publication due now and claim it."""
        async with self.runtime.database.transaction(self.scope) as tx:
            await tx.execute(
                update(work_table)
                .where(tx.here(work_table), work_table.c.subject_id == publication_id)
                .values(due_at=self.runtime.clock.now() - timedelta(days=400))
            )
        home = await self.runtime.database.home(self.scope)
        found = await work.claim(home, "publish", limit=1, lease_s=lease_s, per_client=1000)
        assert [one.subject_id for one in found] == [publication_id]
        return found[0]

    async def work(self, publication_id: UUID, *, timing: Timing | None = None) -> Row[Any]:
        """Let a worker take one step, and return the row."""
        claimed = await self.claim(publication_id)
        await engine.handle(self.runtime, timing or self.timing, claimed)
        return await self.row(publication_id)

    async def age(self, span: timedelta) -> None:
        """Let time pass: everything that has happened, here and there, is so much longer ago."""
        async with self.runtime.database.transaction(self.scope) as tx:
            for table, column in ((publication_steps, "sent_at"), (publications, "due_at")):
                older = {column: table.c[column] - span}
                await tx.execute(update(table).where(tx.here(table)).values(**older))
        for post in self.platform.posts:
            post.visible_at -= span

    async def row(self, publication_id: UUID) -> Row[Any]:
        """Return the stored publication."""
        async with self.runtime.database.transaction(self.scope) as tx:
            return await machine.read(tx, publication_id)

    async def show(self, publication_id: UUID, locale: str = "en") -> Publication:
        """Return the publication as people see it."""
        scope = Scope.of_client(
            self.scope.agency_id, self.scope.client_id, self.scope.actor, locale
        )
        async with self.runtime.database.transaction(scope) as tx:
            return await service.show(self.runtime, tx, publication_id)

    async def steps(self, publication_id: UUID) -> list[Row[Any]]:
        """Return the stored sends."""
        async with self.runtime.database.transaction(self.scope) as tx:
            return await steps.every(tx, publication_id)

    async def work_row(self, publication_id: UUID) -> Row[Any]:
        """Return the row of work."""
        async with self.runtime.database.transaction(self.scope) as tx:
            return await tx.one(
                select(work_table).where(
                    tx.here(work_table), work_table.c.subject_id == publication_id
                )
            )

    async def account(self) -> Row[Any]:
        """Return the stored account."""
        async with self.runtime.database.transaction(self.scope) as tx:
            return await tx.one(
                select(accounts).where(tx.here(accounts), accounts.c.id == self.account_id)
            )

    async def change_account(self, **values: Any) -> None:
        """Change the stored account."""
        async with self.runtime.database.transaction(self.scope) as tx:
            await tx.execute(
                update(accounts)
                .where(tx.here(accounts), accounts.c.id == self.account_id)
                .values(**values)
            )


async def make_bench(
    runtime: Runtime,
    platform: Platform,
    adapter: str = "board.d",
    isolation: Isolation = "pooled",
) -> Bench:
    """Return a bench whose account belongs to ``adapter``; the board is on for the client."""
    world = await make_world(runtime, isolation)
    scope = await scope_of(world)
    async with runtime.database.control(scope) as tx:
        await tx.insert(client_plugins, plugin="board", enabled=True, settings={}, secret_times={})
    return Bench(runtime, platform, world, scope, await add_account(runtime, scope, adapter))


async def add_account(runtime: Runtime, scope: Scope, adapter: str, remote_id: str = "1") -> UUID:
    """Connect an account without the platform."""
    async with runtime.database.transaction(scope) as tx:
        grant_id = new_id()
        sealed = await runtime.vault.seal(tx, "grants", "access_token", grant_id, Secret("t"))
        await tx.insert(
            grants,
            id=grant_id,
            plugin="board",
            subject_id=f"s{remote_id}",
            subject_name="Fatou",
            access_token=sealed,
            scopes=[],
        )
        return await tx.insert(
            accounts,
            adapter=adapter,
            plugin="board",
            platform="board",
            remote_id=remote_id,
            kind="page",
            name="Teranga",
            username="",
            picture_url="",
            url="",
            grant_id=grant_id,
            extra={},
            scopes=[],
            state="active",
            connected_at=runtime.clock.now(),
        )
