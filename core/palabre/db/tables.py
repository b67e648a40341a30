"""How a table is declared: its level, its keys and what each column means for privacy.

Four levels: ``global_table`` (before any scope is known: pinned list), ``agency_table`` (needs
``all_clients``), ``shared_table`` (rows of the agency or of one client) and ``client_table``. The
level decides keys, foreign keys and walls (``palabre.db.walls``); a table cannot be declared
without one, and a column cannot be declared without saying whether it is about a person.
"""

from typing import Any, Literal

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.types import TypeEngine

Level = Literal["global", "agency", "shared", "client"]
Home = Literal["control", "client"]
"""Control tables live in the pool database only; client tables in every database."""

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

Moment = DateTime(timezone=True)
Item = Column[Any] | ForeignKeyConstraint | PrimaryKeyConstraint | UniqueConstraint | Index


def fact(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]], **options: Any) -> Column[Any]:
    """Declare a column that says nothing about a person. Not null unless ``nullable=True``."""
    options.setdefault("nullable", False)
    return Column(name, type_, info={"privacy": None}, **options)


def personal(
    name: str,
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    *,
    subject: Literal["user", "audience", "lead", "account_holder"],
    purpose: str,
    retention: str,
    **options: Any,
) -> Column[Any]:
    """Declare a column about a person.

    Args:
        name: Column name.
        type_: Column type.
        subject: Whose data it is.
        purpose: Why it is kept, in words an authority would read.
        retention: When it goes (``"account"``: with the user; ``"client"``: with the client;
            else a number of days such as ``"30 days"``).
        options: As for ``Column``; not null unless ``nullable=True``.
    """
    options.setdefault("nullable", False)
    privacy = {"subject": subject, "purpose": purpose, "retention": retention}
    return Column(name, type_, info={"privacy": privacy}, **options)


def created_at() -> Column[Any]:
    """Return the column that says when the row was made."""
    return fact("created_at", Moment, server_default=func.now())


def updated_at() -> Column[Any]:
    """Return the column that says when the row last changed."""
    return fact("updated_at", Moment, server_default=func.now(), onupdate=func.now())


def refers(column: str, table: str, *, on_delete: str = "RESTRICT") -> ForeignKeyConstraint:
    """Return the composite foreign key of ``column`` to a client table's ``id``."""
    return ForeignKeyConstraint(
        ["agency_id", "client_id", column],
        [f"{table}.agency_id", f"{table}.client_id", f"{table}.id"],
        ondelete=on_delete,
    )


def unique(*columns: str, scoped: bool = True) -> UniqueConstraint:
    """Return a unique constraint that starts with agency and client."""
    lead = ("agency_id", "client_id") if scoped else ()
    return UniqueConstraint(*lead, *columns)


def indexed(*columns: str, name: str | None = None, **options: Any) -> Index:
    """Return an index; give agency and client first, in ``columns``."""
    return Index(name, *columns, **options)


def client_table(name: str, *items: Item, home: Home = "client") -> Table:
    """Declare a table whose every row belongs to one client."""
    return Table(
        name,
        metadata,
        fact("agency_id", Uuid),
        fact("client_id", Uuid),
        fact("id", Uuid),
        *items,
        PrimaryKeyConstraint("agency_id", "client_id", "id"),
        ForeignKeyConstraint(
            ["agency_id", "client_id"], ["client_anchor.agency_id", "client_anchor.client_id"]
        ),
        info={"level": "client", "home": home},
    )


def shared_table(name: str, *items: Item, home: Home = "control") -> Table:
    """Declare a table with rows of the agency (``client_id`` null) and rows of its clients."""
    return Table(
        name,
        metadata,
        fact("agency_id", Uuid),
        fact("client_id", Uuid, nullable=True),
        fact("id", Uuid),
        *items,
        PrimaryKeyConstraint("agency_id", "id"),
        info={"level": "shared", "home": home},
    )


def agency_table(name: str, *items: Item) -> Table:
    """Declare a table whose rows belong to the agency itself."""
    return Table(
        name,
        metadata,
        fact("agency_id", Uuid),
        fact("id", Uuid),
        *items,
        PrimaryKeyConstraint("agency_id", "id"),
        ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        info={"level": "agency", "home": "control"},
    )


def global_table(name: str, *items: Item) -> Table:
    """Declare a table used before a scope is known; its name must stand in ``walls.GLOBAL``."""
    return Table(name, metadata, *items, info={"level": "global", "home": "control"})


def words(name: str, **options: Any) -> Column[Any]:
    """Return a plain text column about no person."""
    return fact(name, Text, **options)
