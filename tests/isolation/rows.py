"""Two agencies with two clients each, and rows with canary strings in every table, by column type.

New tables need nothing here: values follow from the column types, foreign keys from the parents'
rows of the same owner.
"""

import datetime as dt
import random
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
    select,
)

from palabre.db import walls
from palabre.db.door import Database
from palabre.db.scope import Scope
from palabre.schema import all_tables

Row = dict[str, Any]
ROWS_EACH = 2
LEADS = ("agency_id", "client_id")
_FIRST_DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Owner(Struct, frozen=True, kw_only=True):
    """Whose rows: ``A0`` is agency A itself, ``A1`` and ``A2`` are its clients."""

    name: str
    agency_id: UUID
    client_id: UUID | None

    @property
    def agency(self) -> str:
        return self.name[0]

    def scope(self) -> Scope:
        if self.client_id is None:
            return Scope.of_agency(self.agency_id)
        return Scope.of_client(self.agency_id, self.client_id)


class World(Struct, kw_only=True):
    """The seeded rows, and to whom each canary and each id belongs."""

    seed: int
    random: random.Random
    owners: dict[str, Owner]
    rows: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Canary or id to the name of its owner; an agency's id to its letter."""

    def mark(self, owner: Owner) -> str:
        return f"cny{self.seed:08x}{owner.name}"

    def of(self, table: Table, owner: str) -> list[Row]:
        return self.rows.get(table.name, {}).get(owner, [])

    def foreign(self, value: object, visible: Iterable[str]) -> set[str]:
        """Return the owners outside ``visible`` (names and agency letters) that ``value`` tells."""
        found = {self.tokens.get(token) for token in _tokens(_plain(value))}
        return {owner for owner in found if owner and owner not in set(visible)}


_MARK = r"cny[0-9a-f]{8}[A-Z]\d"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_HEX = re.compile(r"\\+x([0-9a-f]+)")


def _tokens(text: str) -> list[str]:
    return re.findall(f"{_MARK}|{_UUID}", text)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin1")
    if isinstance(value, str):
        return _HEX.sub(lambda hit: _unhex(hit[1]), value)
    if isinstance(value, tuple | list):
        return " ".join(_plain(part) for part in value)
    return str(value)


def _unhex(digits: str) -> str:
    return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin1")


def new_world(seed: int) -> World:
    """Return a world without rows."""
    chance = random.Random(seed)
    owners: dict[str, Owner] = {}
    for letter in "AB":
        agency = new_uuid(chance)
        for number in range(3):
            name = f"{letter}{number}"
            client = new_uuid(chance) if number else None
            owners[name] = Owner(name=name, agency_id=agency, client_id=client)
    world = World(seed=seed, random=chance, owners=owners)
    for owner in owners.values():
        world.tokens[world.mark(owner)] = owner.name
        world.tokens[str(owner.agency_id)] = owner.agency
        if owner.client_id:
            world.tokens[str(owner.client_id)] = owner.name
    return world


def new_uuid(chance: random.Random) -> UUID:
    """Return an id that follows from the seed."""
    return UUID(int=chance.getrandbits(128), version=4)


def walled_tables() -> list[Table]:
    """Return every declared table behind walls, parents first."""
    return [t for t in all_tables().sorted_tables if t.name not in walls.GLOBAL]


def owners_of(world: World, table: Table) -> list[Owner]:
    """Return who has rows in a table of that level."""
    level = table.info["level"]
    return [
        owner
        for owner in world.owners.values()
        if level == "shared" or (level == "client") == (owner.client_id is not None)
    ]


async def fill(world: World, database: Database) -> None:
    """Insert rows of every owner into every table through the door, and read back what stands."""
    for table in walled_tables():
        world.rows[table.name] = {}
        for owner in owners_of(world, table):
            await _fill_table(world, database, table, owner)


async def _fill_table(world: World, database: Database, table: Table, owner: Owner) -> None:
    maker = Scope.of_agency(owner.agency_id)  # clients and agencies are made by their agency
    async with database.transaction(maker) as tx:
        if table.name not in walls.READ_ONLY:
            one = [c.name for c in table.primary_key][-1] != "id" or _is_owner(table)
            for n in range(1 if one else ROWS_EACH):
                await tx.execute(table.insert().values(**new_row(world, table, owner, n)))
        mine = _owned(table, owner)
        rows = [dict(row._mapping) for row in await tx.all(select(table).where(*mine))]
    world.rows[table.name][owner.name] = rows
    for row in rows:
        if isinstance(row.get("id"), UUID):
            world.tokens.setdefault(str(row["id"]), owner.name)


def _is_owner(table: Table) -> bool:
    return table.name in {walls.OWN_ID_AS_AGENCY, walls.OWN_ID_AS_CLIENT}


def _owned(table: Table, owner: Owner) -> list[Any]:
    return [table.c[column] == value for column, value in lead(table, owner).items()]


def lead(table: Table, owner: Owner) -> Row:
    """Return the columns that say whose row it is."""
    if table.name == walls.OWN_ID_AS_AGENCY:
        return {"id": owner.agency_id}
    if table.name == walls.OWN_ID_AS_CLIENT:
        return {"agency_id": owner.agency_id, "id": owner.client_id}
    values: Row = {"agency_id": owner.agency_id, "client_id": owner.client_id}
    return {column: value for column, value in values.items() if column in table.c}


def new_row(world: World, table: Table, owner: Owner, n: int) -> Row:
    """Return values for a new row of ``owner`` that no row has yet."""
    row = {column.name: _value(world, column, owner, n) for column in table.columns}
    row |= parents(world, table, owner, n) | lead(table, owner)
    allowed = walls.INSERT_COLUMNS.get(table.name)
    return {name: value for name, value in row.items() if allowed is None or name in allowed}


def parents(world: World, table: Table, owner: Owner, n: int) -> Row:
    """Return the columns that refer to rows of ``owner`` in other tables."""
    values: Row = {}
    for key in table.foreign_key_constraints:
        rows = world.of(key.referred_table, owner.name)
        for element in key.elements:
            child = element.parent.name
            if rows and child not in LEADS:
                values[child] = rows[n % len(rows)][element.column.name]
    return values


def _value(world: World, column: Column[Any], owner: Owner, n: int) -> Any:
    text = f"{world.mark(owner)}.{column.table.name}.{column.name}.{n}.{world.random.random()}"
    kinds: dict[type[Any], Callable[[], Any]] = {
        Uuid: lambda: new_uuid(world.random),
        Text: lambda: text,
        JSON: lambda: {"canary": text},
        LargeBinary: text.encode,
        Boolean: lambda: True,
        Float: lambda: float(n + 1),
        Numeric: lambda: Decimal(n + 1),
        Integer: lambda: world.random.randrange(1, 2**30),
        DateTime: lambda: _FIRST_DAY + dt.timedelta(minutes=n),
        Date: lambda: _FIRST_DAY.date() + dt.timedelta(days=n),
    }
    for kind, make in kinds.items():
        if isinstance(column.type, kind):
            return make()
    raise TypeError(f"{column} is {column.type!r}: teach rows.py to make such a value.")
