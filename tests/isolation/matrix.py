"""The relation matrix: every walled relation x every operation x every scope, through the door."""

import os
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

import asyncpg
from msgspec import Struct, field
from sqlalchemy import Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from palabre.db.door import Database, Tx, driver_url
from palabre.db.scope import Scope
from tests.isolation.operations import OPERATIONS, Case, CopyIn, CopyOut, Operation, Raw, Step
from tests.isolation.rows import fill, new_world, walled_tables
from tests.support.databases import DatabaseUrls

REFUSALS = {
    "42501": "no right, or a wall",
    "42704": "no scope (never set)",
    "22P02": "no scope (set before)",
    "23001": "foreign key (restrict)",
    "23503": "foreign key",
    "23505": "unique key",
    "0A000": "not allowed with row security",
}
DIVISION = "22012"
MAIN = {
    "right client",
    "right agency",
    "other client of the agency",
    "other agency",
    "no scope",
}


class Context(Struct, frozen=True, kw_only=True):
    """Whose eyes, on whose rows, over which connection."""

    name: str
    attacker: str
    victims: tuple[str, ...]
    """The first with rows in the table is attacked."""
    agency_wide: bool = False
    borrowed_client: bool = False
    scoped: bool = True
    before: str = ""
    """What the connection did before in the victim's scope: ``commit``, ``rollback``, ``error``."""


def contexts(me: str, sibling: str, stranger: str) -> list[Context]:
    """Return the contexts of an attack by client ``me`` on its sibling and on a stranger."""
    agency, other_agency = f"{me[0]}0", f"{stranger[0]}0"
    foreign = (stranger, other_agency)
    stale = [
        Context(name=f"{scoped} after {before}", attacker=me, victims=foreign, before=before,
                scoped=scoped == "stale connection")
        for before in ("commit", "rollback", "error")
        for scoped in ("stale connection", "stale connection, no scope")
    ]  # fmt: skip
    return [
        Context(name="right client", attacker=me, victims=(me,)),
        Context(name="right agency", attacker=agency, victims=(agency, me), agency_wide=True),
        Context(name="other client of the agency", attacker=me, victims=(sibling, agency)),
        Context(name="rows of the agency itself", attacker=me, victims=(agency,)),
        Context(name="other agency", attacker=me, victims=foreign),
        Context(name="whole other agency", attacker=agency, victims=foreign, agency_wide=True),
        Context(name="other agency itself", attacker=agency, victims=(other_agency,),
                agency_wide=True),
        Context(name="own agency with the other's client", attacker=me, victims=foreign,
                borrowed_client=True),
        Context(name="no scope", attacker=me, victims=(me, agency), scoped=False),
        *stale,
    ]  # fmt: skip


class Outcome(Struct, frozen=True, kw_only=True):
    """What one attempt met: the SQLSTATE of its error, or what it read and how much it changed."""

    refused: str = ""
    message: str = ""
    rows: tuple[object, ...] = ()
    changed: int = 0

    @property
    def hits(self) -> int:
        return max(len(self.rows), self.changed)


class Tally(Struct, kw_only=True):
    """The count of a run. ``breaches``, ``silent`` and ``broken`` must stay empty."""

    seed: int
    attempts: int = 0
    relations: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    contexts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    foreign_rows: int = 0
    breaches: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    """Attempts without a scope that were not refused."""
    broken: list[str] = field(default_factory=list)
    """Attempts that failed for a reason that proves nothing, such as a mistake in their SQL."""
    effective: set[str] = field(default_factory=set)
    """Operations seen to work on one's own rows: their refusals elsewhere mean something."""
    readable: set[str] = field(default_factory=set)
    """Relations whose own rows were seen."""
    connections: set[int] = field(default_factory=set)
    changed_tables: list[str] = field(default_factory=list)
    """Tables whose rows were not the same after all attempts."""

    def faults(self) -> list[str]:
        """Return what should not have been, one line each."""
        return [
            *(f"foreign: {line}" for line in self.breaches),
            *(f"not refused without a scope: {line}" for line in self.silent),
            *(f"proves nothing: {line}" for line in self.broken),
            *(f"changed: {name}" for name in self.changed_tables),
        ]


class _Undo(Exception):
    """Leaves the transaction without keeping anything."""


class Matrix:
    """Runs attempts in one database over one connection, so that every scope follows another."""

    def __init__(
        self,
        urls: DatabaseUrls,
        seed: int,
        *,
        only: frozenset[str] = frozenset(),
        operations: Sequence[Operation] = tuple(OPERATIONS),
        short: bool = False,
    ) -> None:
        """Prepare a run.

        Args:
            urls: A migrated and empty database.
            seed: Decides values, order and choices.
            only: Tables to attack; all of them when empty.
            operations: What to try.
            short: Each table and operation meets the main contexts and one of the others, by lot.
        """
        self._urls = urls
        self._database = Database(urls.app, pool_size=1, application_name="isolation")
        self._only = only
        self._operations = operations
        self._short = short
        self.world = new_world(seed)
        self.tally = Tally(seed=seed)

    async def run(self, attackers: list[tuple[str, str, str]]) -> Tally:
        """Seed, attack as each (client, sibling, stranger), and compare what stands after it."""
        await fill(self.world, self._database)
        before = await fingerprints(self._urls, analyze=True)
        order = self._order(attackers)
        for context, table, operation in order:
            await self._attempt(context, table, operation)
        await self._database.close()
        after = await fingerprints(self._urls)
        self.tally.changed_tables = sorted(name for name in after if after[name] != before[name])
        return self.tally

    def _order(
        self, attackers: list[tuple[str, str, str]]
    ) -> list[tuple[Context, Table, Operation]]:
        chance = random.Random(self.tally.seed)
        order: list[tuple[Context, Table, Operation]] = []
        for names in attackers:
            known = contexts(*names)
            others = [context for context in known if context.name not in MAIN]
            for table in walled_tables():
                if self._only and table.name not in self._only:
                    continue
                for operation in self._operations:
                    chosen = [context for context in known if context.name in MAIN]
                    chosen += [chance.choice(others)] if self._short else others
                    order += [(context, table, operation) for context in chosen]
        chance.shuffle(order)
        return order

    async def _attempt(self, context: Context, table: Table, operation: Operation) -> None:
        case = self._case(context, table)
        built = None if case is None else operation.build(case)
        if case is None or built is None:
            return
        steps: list[Step] = built if isinstance(built, list) else [built]
        if context.before:
            await self._go_before(case, context.before)
        scope = self._scope(context) if context.scoped else None
        commits = operation.commits and context.scoped and not case.own
        for step in steps:
            outcome = await self._send(scope, step, keep=commits)
            self._count(context, table, operation)
            self._judge(context, case, operation, outcome)

    def _case(self, context: Context, table: Table) -> Case | None:
        for name in context.victims:
            if rows := self.world.of(table, name):
                break
        else:
            return None
        attacker = name if name in self._visible(context) else context.attacker
        return Case(
            world=self.world,
            table=table,
            victim=self.world.owners[name],
            theirs=self.world.random.choice(rows),
            attacker=self.world.owners[attacker],
            mine=next(iter(self.world.of(table, context.attacker)), None),
            whole_agency=context.agency_wide,
            borrowed=context.borrowed_client,
        )

    def _visible(self, context: Context) -> set[str]:
        letter = context.attacker[0]
        if context.borrowed_client:
            return {letter}
        names = {name for name in self.world.owners if name[0] == letter}
        return {letter, *(names if context.agency_wide else {context.attacker})}

    def _scope(self, context: Context) -> Scope:
        me = self.world.owners[context.attacker]
        if context.borrowed_client:
            client = self.world.owners[context.victims[0]].client_id
            return Scope.of_client(me.agency_id, cast("Any", client))
        return me.scope()

    async def _go_before(self, case: Case, how: str) -> None:
        """Use the connection in the victim's scope, with the same statement the attack may send."""
        last = {"commit": None, "rollback": None, "error": Raw(sql="SELECT 1 / 0")}[how]
        scope = case.victim.scope()
        everything = text(f"SELECT * FROM {case.table.name}")
        outcome = await self._send(scope, everything, keep=how == "commit")
        if not outcome.rows:
            self.tally.broken.append(f"{case.table.name}: {case.victim.name} sees none of its rows")
        if last is not None:
            await self._send(scope, last, keep=False)

    async def _send(self, scope: Scope | None, step: Step, *, keep: bool) -> Outcome:
        outcome = Outcome()
        opened = self._database.unscoped() if scope is None else self._database.transaction(scope)
        try:
            async with opened as tx:
                outcome = await _perform(tx, step, self.tally.connections)
                if not keep:
                    raise _Undo  # noqa: TRY301  # the door undoes what ends with an error
        except _Undo:
            pass
        except (DBAPIError, asyncpg.PostgresError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            return Outcome(refused=str(getattr(cause, "sqlstate", "?")), message=str(error)[:300])
        return outcome

    def _count(self, context: Context, table: Table, operation: Operation) -> None:
        self.tally.attempts += 1
        self.tally.relations[table.name] += 1
        self.tally.operations[operation.name] += 1
        self.tally.contexts[context.name] += 1

    def _judge(self, context: Context, case: Case, operation: Operation, out: Outcome) -> None:
        what = f"{operation.name} on {case.table.name}, {context.name} ({case.victim.name}'s row)"
        own = case.victim.name in self._visible(context) and context.scoped
        if out.refused:
            self.tally.refusals[out.refused] += 1
            self._judge_refusal(what, operation, out, own=own)
            return
        if own and not operation.always:
            self._remember(case, operation, out)
        if not context.scoped and not operation.free:
            self.tally.silent.append(what)
        if foreign := self._breach(context, case, operation, out, own=own):
            self.tally.foreign_rows += foreign
            self.tally.breaches.append(f"{what}: {foreign}")

    def _judge_refusal(self, what: str, operation: Operation, out: Outcome, *, own: bool) -> None:
        if out.refused == DIVISION and operation.judge == "oracle":
            if own:
                self.tally.effective.add(operation.name)
            else:
                self.tally.foreign_rows += 1
                self.tally.breaches.append(f"{what}: the predicate saw the row")
        elif out.refused not in REFUSALS:
            self.tally.broken.append(f"{what}: {out.message}")

    def _remember(self, case: Case, operation: Operation, out: Outcome) -> None:
        if operation.judge == "refused" or out.hits:
            self.tally.effective.add(operation.name)
        if operation.name == "SELECT by key" and out.hits:
            self.tally.readable.add(case.table.name)

    def _breach(
        self, context: Context, case: Case, operation: Operation, out: Outcome, *, own: bool
    ) -> int:
        """Return how many foreign rows the outcome read or changed."""
        visible = self._visible(context) if context.scoped else set[str]()
        if operation.judge == "rows":
            return sum(bool(self.world.foreign(row, visible)) for row in out.rows)
        if operation.judge == "hit":
            return 0 if own else sum(row != (None,) for row in out.rows) or out.changed
        if operation.judge == "refused":
            return int(operation.always or (not own and out.hits > 0))
        return 0


async def _perform(tx: Tx, step: Step, connections: set[int]) -> Outcome:
    pooled = await tx._connection.get_raw_connection()
    driver = cast("Any", pooled.driver_connection)
    connections.add(driver.get_server_pid())
    if isinstance(step, Raw):
        status = await driver.execute(step.sql)
        return Outcome(changed=int(status.split()[-1]) if status[-1].isdigit() else 0)
    if isinstance(step, CopyOut):
        return Outcome(rows=await _copied(driver, step))
    if isinstance(step, CopyIn):
        await driver.copy_to_table(step.table, source=step.source(), columns=step.columns)
        return Outcome(changed=1)
    result = await tx.execute(step)
    if result.returns_rows:
        return Outcome(rows=tuple(tuple(row) for row in result))
    return Outcome(changed=max(result.rowcount, 0))


async def _copied(driver: Any, step: CopyOut) -> tuple[object, ...]:
    parts: list[bytes] = []

    async def keep(data: bytes) -> None:
        parts.append(data)

    if step.table:
        await driver.copy_from_table(step.table, output=keep)
    else:
        await driver.copy_from_query(step.sql, output=keep)
    return tuple(line.decode() for line in b"".join(parts).splitlines())


async def fingerprints(urls: DatabaseUrls, *, analyze: bool = False) -> dict[str, str]:
    """Return a hash of all rows by table, as the server's admin sees them."""
    engine = create_async_engine(driver_url(urls.admin), poolclass=NullPool)
    found: dict[str, str] = {}
    async with engine.begin() as connection:
        for table in walled_tables():
            if analyze:
                await connection.execute(text(f"ANALYZE {table.name}"))
            digest = text(
                f"SELECT md5(coalesce(string_agg(x::text, ',' ORDER BY x::text), '')) "
                f"FROM {table.name} x"
            )
            found[table.name] = str(await connection.scalar(digest))
    await engine.dispose()
    return found


def seed_of_the_run() -> int:
    """Return ``ISOLATION_SEED``, or a new seed, which failures name."""
    return int(os.environ.get("ISOLATION_SEED") or random.SystemRandom().randrange(2**32))
