"""Every way to touch a table: what each operation sends, and when its answer tells too much.

An operation aims at one victim's row. ``judge`` says what a breach looks like: ``rows`` (a row
that belongs to somebody out of sight), ``hit`` (any row read or changed by naming the victim's),
``refused`` (anything but an error), ``oracle`` (the error that betrays a hidden value).
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from palabre.db import walls
from tests.isolation.rows import LEADS, Owner, Row, World, lead, new_row, parents

Judge = Literal["rows", "hit", "refused", "oracle"]


class Raw(Struct, frozen=True, kw_only=True):
    """SQL for the driver itself: its status line tells how many rows it changed."""

    sql: str


class CopyOut(Struct, frozen=True, kw_only=True):
    """COPY ... TO STDOUT: of a query, or of the table by its name."""

    sql: str
    table: str = ""


class CopyIn(Struct, frozen=True, kw_only=True):
    """COPY ... FROM STDIN of one line."""

    table: str
    columns: list[str]
    line: bytes

    def source(self) -> BytesIO:
        return BytesIO(self.line)


Step = Executable | Raw | CopyOut | CopyIn


class Case(Struct, kw_only=True):
    """One attack: the table, the row it is after, and whose eyes it uses."""

    world: World
    table: Table
    victim: Owner
    theirs: Row
    attacker: Owner
    mine: Row | None
    """A row of the attacker in the same table, where the attacker is a client with one."""
    whole_agency: bool
    borrowed: bool
    """The scope names the attacker's agency and the victim's client: such rows are nobody's."""

    @property
    def own(self) -> bool:
        return self.victim.name == self.attacker.name

    @property
    def sibling(self) -> bool:
        return self.victim.agency == self.attacker.agency and not self.own

    @property
    def key(self) -> ColumnElement[bool]:
        return self.key_of(self.table, self.theirs)

    def key_of(self, table: Any, row: Row) -> ColumnElement[bool]:
        return and_(
            *(table.c[column.name] == row[column.name] for column in self.table.primary_key)
        )

    @property
    def key_sql(self) -> str:
        """The victim's key as text; keys are ids, which need no quoting."""
        return " AND ".join(f"{c.name} = '{self.theirs[c.name]}'" for c in self.table.primary_key)

    @property
    def plain(self) -> str:
        """A column to overwrite with itself."""
        return [c.name for c in self.table.columns if c.name not in self.table.primary_key][-1]

    @property
    def same(self) -> Row:
        return {self.plain: self.table.c[self.plain]}

    def fresh(self, owner: Owner) -> Row:
        return new_row(self.world, self.table, owner, self.world.random.randrange(100, 10**6))


Build = Callable[[Case], list[Step] | Step | None]


class Operation(Struct, frozen=True, kw_only=True):
    """One way to touch a table. ``always``: refused on one's own rows too."""

    name: str
    judge: Judge
    build: Build
    always: bool = False
    free: bool = False
    """Needs no scope, because it reads the catalogue only."""
    commits: bool = False
    """Kept in the database when aimed at a row out of sight, so that the last count shows it."""


OPERATIONS: list[Operation] = []


def _operation(name: str, judge: Judge, **options: bool) -> Callable[[Build], Build]:
    def keep(build: Build) -> Build:
        OPERATIONS.append(Operation(name=name, judge=judge, build=build, **options))
        return build

    return keep


def _sql(name: str, judge: Judge, sql: str, **options: bool) -> None:
    """Declare an operation from SQL.

    In it {t} is the table, {c} a column of it, {key} the victim's key and {mark} its canary.
    """

    def build(case: Case) -> Step:
        mark = case.world.mark(case.victim)
        filled = sql.format(t=case.table.name, key=case.key_sql, mark=mark, c=case.plain)
        if filled.startswith(("MERGE", "SET LOCAL")):
            return Raw(sql=filled)
        return text(filled.replace(":", r"\:"))

    OPERATIONS.append(Operation(name=name, judge=judge, build=build, **options))


# Reading
_sql("SELECT everything", "rows", "SELECT * FROM {t}")
_sql("SELECT by key", "hit", "SELECT * FROM {t} WHERE {key}")
_sql("SELECT FOR UPDATE", "rows", "SELECT * FROM {t} FOR UPDATE")
_sql("SELECT FOR UPDATE by key", "hit", "SELECT * FROM {t} WHERE {key} FOR UPDATE SKIP LOCKED")
_sql("SELECT FOR SHARE by key", "hit", "SELECT 1 FROM {t} WHERE {key} FOR SHARE")
_sql("SELECT by place on disk", "rows", "SELECT * FROM {t} WHERE ctid >= '(0,0)'")
_sql("SELECT a sample", "rows", "SELECT * FROM {t} TABLESAMPLE SYSTEM (100)")
_sql("self join", "rows", "SELECT a.*, b.* FROM {t} a CROSS JOIN {t} b")
_sql("outer join", "rows", "SELECT x.* FROM (SELECT 1) one LEFT JOIN {t} x ON true")
_sql("lateral join", "rows", "SELECT x.* FROM (SELECT 1) one, LATERAL (SELECT * FROM {t}) x")
_sql("join of clients", "rows", "SELECT c.*, x.* FROM clients c FULL JOIN {t} x ON true")
_sql("scalar subquery", "rows", "SELECT (SELECT x::text FROM {t} x WHERE {key})")
_sql("EXISTS subquery", "hit", "SELECT 1 WHERE EXISTS (SELECT 1 FROM {t} WHERE {key})")
_sql(
    "CTE and UNION",
    "rows",
    "WITH w AS MATERIALIZED (SELECT * FROM {t}) TABLE w UNION ALL TABLE {t}",
)
_sql("aggregate", "rows", "SELECT string_agg(x::text, ',') FROM {t} x")
_sql("count by key", "hit", "SELECT 1 FROM {t} WHERE {key} HAVING count(*) > 0")
_sql("window", "rows", "SELECT x::text, lag(x::text) OVER () FROM {t} x")
_sql("search for the canary", "hit", "SELECT * FROM {t} x WHERE x::text LIKE '%{mark}%'")
_sql(
    "predicate that fails on the canary",
    "oracle",
    "SELECT count(*) FROM {t} x WHERE 1 / (CASE WHEN {key} THEN 0 ELSE 1 END) > 0",
)
_sql("row_security off", "refused", "SET LOCAL row_security = off; TABLE {t}", always=True)
_sql(
    "planner statistics",
    "rows",
    "SELECT s::text FROM pg_stats s WHERE tablename='{t}'",
    free=True,
)


@_operation("COPY TO of the table", "rows")
def _copy_table(case: Case) -> Step:
    return CopyOut(sql="", table=case.table.name)


@_operation("COPY TO of a query", "rows")
def _copy_query(case: Case) -> Step:
    return CopyOut(sql=f"SELECT * FROM {case.table.name}")


READING = tuple(OPERATIONS)


# Adding
@_operation("INSERT for the victim", "refused", commits=True)
def _insert_theirs(case: Case) -> Step | None:
    return None if case.own and _is_owner(case) else _insert(case, case.fresh(case.victim))


@_operation("INSERT with the victim's client", "refused", commits=True)
def _insert_client(case: Case) -> Step | None:
    if case.whole_agency or case.borrowed or "client_id" not in case.table.c:
        return None
    row = case.fresh(case.attacker) | {"client_id": case.victim.client_id}
    return _insert(case, row)


@_operation("INSERT with the victim's agency", "refused", commits=True)
def _insert_agency(case: Case) -> Step | None:
    if case.sibling or "agency_id" not in case.table.c:
        return None
    return _insert(case, case.fresh(case.attacker) | {"agency_id": case.victim.agency_id})


@_operation("INSERT referring to the victim's rows", "refused", commits=True)
def _insert_reference(case: Case) -> Step | None:
    references = parents(case.world, case.table, case.victim, 0)
    if not references or case.mine is None:
        return None
    return _insert(case, case.fresh(case.attacker) | references)


@_operation("INSERT from a SELECT", "hit")
def _insert_select(case: Case) -> Step | None:
    columns = walls.INSERT_COLUMNS.get(case.table.name, [c.name for c in case.table.columns])
    chosen = [func.gen_random_uuid() if c == "id" else case.table.c[c] for c in columns]
    return insert(case.table).from_select(list(columns), select(*chosen).where(case.key))


@_operation("COPY FROM", "refused", always=True)
def _copy_in(case: Case) -> Step:
    columns = [c.name for c in case.table.primary_key]
    line = "\t".join(str(case.theirs[name]) for name in columns)
    return CopyIn(table=case.table.name, columns=columns, line=line.encode())


# Changing
@_operation("UPDATE by key", "hit", commits=True)
def _update(case: Case) -> Step:
    return update(case.table).where(case.key).values(case.same)


@_operation("UPDATE everything", "rows")
def _update_all(case: Case) -> Step:
    return update(case.table).values(case.same).returning(case.table)


@_operation("UPDATE through a join", "hit", commits=True)
def _update_join(case: Case) -> Step:
    other = case.table.alias("other")
    same_row = and_(*(case.table.c[c.name] == other.c[c.name] for c in case.table.primary_key))
    found = case.key_of(other, case.theirs)
    return update(case.table).where(same_row, found).values(case.same)


@_operation("UPDATE that takes the victim's row", "hit", commits=True)
def _take(case: Case) -> Step | None:
    return update(case.table).where(case.key).values(lead(case.table, case.attacker))


@_operation("UPDATE that moves a row to the victim", "refused", commits=True)
def _move(case: Case) -> Step | None:
    return _moving(case, lead(case.table, case.victim))


@_operation("UPDATE that moves a row to the victim's client", "refused", commits=True)
def _move_client(case: Case) -> Step | None:
    if case.whole_agency or "client_id" not in case.table.c:
        return None
    return _moving(case, {"client_id": case.victim.client_id})


@_operation("UPDATE that moves a row to the victim's agency", "refused", commits=True)
def _move_agency(case: Case) -> Step | None:
    if case.sibling or "agency_id" not in case.table.c:
        return None
    return _moving(case, {"agency_id": case.victim.agency_id})


@_operation("UPDATE referring to the victim's rows", "refused", commits=True)
def _update_reference(case: Case) -> Step | None:
    references = parents(case.world, case.table, case.victim, 0)
    return _moving(case, references) if references else None


_sql("MERGE that updates", "hit", "MERGE INTO {t} USING (VALUES (1)) v (x) ON {key} "
     "WHEN MATCHED THEN UPDATE SET {c} = {t}.{c}")  # fmt: skip
_sql("MERGE that deletes", "hit", "MERGE INTO {t} USING (VALUES (1)) v (x) ON {key} "
     "WHEN MATCHED THEN DELETE")  # fmt: skip


# Upserts
@_operation("upsert of the victim's row", "refused", commits=True)
def _upsert(case: Case) -> Step:
    row = _insertable(case, case.theirs)
    same = {case.plain: case.table.c[case.plain]}
    keys = [c.name for c in case.table.primary_key]
    return upsert(case.table).values(row).on_conflict_do_update(index_elements=keys, set_=same)


@_operation("upsert that does nothing", "refused", commits=True)
def _upsert_nothing(case: Case) -> Step | None:
    return upsert(case.table).values(_insertable(case, case.theirs)).on_conflict_do_nothing()


@_operation("upsert on a key across clients", "hit")
def _upsert_across(case: Case) -> list[Step] | None:
    """Every unique key that does not carry agency and client, taken over from the victim's row."""
    if case.mine is None:
        return None
    steps: list[Step] = []
    for columns in _keys_across(case.table):
        row = case.fresh(case.attacker)
        row |= {name: case.theirs[name] for name in columns if name not in LEADS}
        there: ColumnElement[bool] = literal_column(f"{case.table.name}.xmax <> 0")
        steps.append(
            upsert(case.table)
            .values(_insertable(case, row))
            .on_conflict_do_update(index_elements=columns, set_=case.same)
            .returning(func.nullif(there, False))
        )
    return steps or None


# Removing
@_operation("DELETE by key", "hit", commits=True)
def _delete(case: Case) -> Step:
    return delete(case.table).where(case.key)


@_operation("DELETE everything", "rows")
def _delete_all(case: Case) -> Step:
    return delete(case.table).returning(case.table)


@_operation("DELETE through a subquery", "hit", commits=True)
def _delete_join(case: Case) -> Step:
    other = case.table.alias("other")
    return delete(case.table).where(
        exists().where(case.key_of(other, case.theirs)).correlate(case.table), case.key
    )


# What only an owner may do
for _name, _statement in {
    "TRUNCATE": "TRUNCATE {t} CASCADE",
    "row security switched off": "ALTER TABLE {t} DISABLE ROW LEVEL SECURITY",
    "wall dropped": "DROP POLICY agency_wall ON {t}",
    "policy added": "CREATE POLICY handy ON {t} USING (true)",
    "trigger added": "CREATE TRIGGER handy BEFORE INSERT ON {t} EXECUTE FUNCTION audit_refuse()",
    "copied to a temporary table": "CREATE TEMPORARY TABLE handy AS SELECT * FROM {t}",
    "taken over by another owner": "ALTER TABLE {t} OWNER TO CURRENT_USER",
}.items():
    _sql(_name, "refused", _statement, always=True)


CHANGING = tuple(OPERATIONS[len(READING) :])


def _insert(case: Case, row: Row) -> Step:
    return insert(case.table).values(_insertable(case, row))


def _insertable(case: Case, row: Row) -> Row:
    allowed = walls.INSERT_COLUMNS.get(case.table.name)
    return {name: value for name, value in row.items() if allowed is None or name in allowed}


def _moving(case: Case, values: Row) -> Step | None:
    if case.mine is None or _is_owner(case):
        return None
    return update(case.table).where(case.key_of(case.table, case.mine)).values(values)


def _is_owner(case: Case) -> bool:
    return case.table.name in {walls.OWN_ID_AS_AGENCY, walls.OWN_ID_AS_CLIENT, "client_anchor"}


def _keys_across(table: Table) -> list[list[str]]:
    """Return the whole (not partial) unique keys that do not start with agency and client."""
    keys = [[c.name for c in table.primary_key]]
    keys += [[c.name for c in u] for u in table.constraints if isinstance(u, UniqueConstraint)]
    keys += [
        [c.name for c in index.columns]
        for index in table.indexes
        if index.unique and index.dialect_options["postgresql"]["where"] is None
    ]
    return [key for key in keys if not set(LEADS) <= set(key)]
