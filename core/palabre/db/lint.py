"""Judges the catalogue of a migrated database: walls, rights, keys, definer functions, roles.

The lint reads the database only, never the declared tables: what it accepts is what row security
will do. What it compares with stands in ``palabre.db.pinned``.
"""

from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import Connection, text

from palabre.db import lint_queries, pinned, walls
from palabre.db.walls import RoleNames

_AGENCY_KEYS = 1
_CLIENT_KEYS = 2


class Relation(Struct, frozen=True, kw_only=True):
    """A table, view or partition, and its level as its columns tell it (None: no level at all)."""

    name: str
    kind: str
    owner: str
    partition: bool
    enabled: bool
    forced: bool
    options: tuple[str, ...]
    level: str | None


def findings(
    connection: Connection, roles: RoleNames, closed: frozenset[str] = frozenset()
) -> list[str]:
    """Return one sentence per fault of the database, each with what to do; empty when it is sound.

    Args:
        connection: Any login that may read the catalogue.
        roles: The role names of the installation.
        closed: Tables the application has no rights on here: in a silo the control tables.
    """
    relations = _relations(connection)
    tables = {
        r.name: r for r in relations.values() if r.kind in ("r", "p") and r.name not in _UNWALLED
    }
    return [
        *_kinds(relations),
        *_walls(tables),
        *_policies(connection, tables, roles),
        *_rights(connection, relations, roles, closed),
        *_foreign_keys(connection, relations),
        *_uniques(connection, tables),
        *_definers(connection, roles),
        *_roles(connection, roles),
        *_owners(connection, roles),
    ]


_UNWALLED = pinned.UNWALLED


def _relations(connection: Connection) -> dict[str, Relation]:
    return {
        row.name: Relation(
            name=row.name,
            kind=row.kind,
            owner=row.owner,
            partition=row.partition,
            enabled=row.enabled,
            forced=row.forced,
            options=tuple(row.options),
            level=_level(row.name, row.client_column, has_agency=row.has_agency),
        )
        for row in connection.execute(text(lint_queries.RELATIONS))
    }


def _level(name: str, client_column: str | None, *, has_agency: bool) -> str | None:
    if name in pinned.UNWALLED:
        return "global"
    if name == walls.OWN_ID_AS_AGENCY:
        return "agency"
    if name == walls.OWN_ID_AS_CLIENT:
        return "client"
    if not has_agency:
        return None
    return {None: "agency", "null": "shared", "not null": "client"}[client_column]


def _kinds(relations: dict[str, Relation]) -> Iterator[str]:
    for relation in relations.values():
        if relation.kind == "m":
            yield (
                f"{relation.name} is a materialized view, which row security does not reach: "
                "use a table with walls or a view with security_invoker."
            )
        if relation.kind == "f":
            yield f"{relation.name} is a foreign table, which has no walls: remove it."
        if relation.kind == "v" and "security_invoker=true" not in relation.options:
            yield (
                f"View {relation.name} reads with its owner's rights: "
                "ALTER VIEW ... SET (security_invoker = true)."
            )


def _walls(tables: dict[str, Relation]) -> Iterator[str]:
    for table in tables.values():
        if table.level is None:
            yield (
                f"{table.name} has no agency_id and is not in walls.GLOBAL: declare its level "
                "with palabre.db.tables."
            )
        if not table.enabled:
            yield f"{table.name}: row security is off: ENABLE ROW LEVEL SECURITY."
        if not table.forced:
            yield f"{table.name}: row security is not forced: FORCE ROW LEVEL SECURITY."


def _policies(
    connection: Connection, tables: dict[str, Relation], roles: RoleNames
) -> Iterator[str]:
    there = {
        (row.table_name, row.name): pinned.Policy(
            table=row.table_name,
            name=row.name,
            roles=tuple(row.roles),
            command=row.command,
            permissive=row.permissive,
            using=row.using,
            check=row.check,
        )
        for row in connection.execute(text(lint_queries.POLICIES))
    }
    for table in tables.values():
        if table.level is None or table.partition:
            continue
        for wanted in pinned.policies(table.name, table.level, roles):
            yield from _policy(wanted, there.pop((table.name, wanted.name), None))
    for policy in there.values():
        yield (
            f"{policy.table}: policy {policy.name} for {', '.join(policy.roles)} is not pinned: "
            "drop it, or pin it in palabre.db.pinned."
        )


def _policy(wanted: pinned.Policy, found: pinned.Policy | None) -> Iterator[str]:
    where = f"{wanted.table}: policy {wanted.name}"
    if found is None:
        yield f"{where} is missing: raise the walls with palabre.db.migrating."
        return
    if found.permissive != wanted.permissive:
        kind = "PERMISSIVE" if wanted.permissive else "RESTRICTIVE"
        yield f"{where} is not {kind}: make it anew AS {kind}."
    if found.roles != wanted.roles:
        yield f"{where} is for {', '.join(found.roles)}: make it TO {wanted.roles[0]}."
    if found.command != wanted.command:
        yield f"{where} is for {found.command}: make it FOR {wanted.command}."
    if (found.using, found.check) != (wanted.using, wanted.check):
        yield f"{where} has another expression than the one form of palabre.db.walls."


def _rights(
    connection: Connection,
    relations: dict[str, Relation],
    roles: RoleNames,
    closed: frozenset[str],
) -> Iterator[str]:
    there: dict[str, set[tuple[str, str, str]]] = {}
    for row in connection.execute(text(lint_queries.RIGHTS)):
        there.setdefault(row.relation, set()).add((row.grantee, row.right, row.column))
    for relation in relations.values():
        found = there.pop(relation.name, set())
        if relation.partition:
            for grantee, right, _ in sorted(found):
                yield (
                    f"{grantee} may {right} partition {relation.name}: revoke it, rights belong "
                    "to the parent."
                )
        elif relation.kind in ("v", "m", "f"):
            yield from _compared(relation.name, found - {(roles.app, "SELECT", "")}, set())
        else:
            wanted = pinned.rights(relation.name, roles)
            if relation.name in closed:
                wanted = {one for one in wanted if one[0] != roles.app}
            yield from _compared(relation.name, found, wanted)
    for name, found in there.items():
        yield from _compared(name, found, set())


def _compared(
    name: str, found: set[tuple[str, str, str]], wanted: set[tuple[str, str, str]]
) -> Iterator[str]:
    for grantee, right, column in sorted(found - wanted):
        yield f"{grantee} may {right} {_of(name, column)}: revoke it, or pin it."
    for grantee, right, column in sorted(wanted - found):
        yield f"{grantee} may not {right} {_of(name, column)}: grant it."


def _of(name: str, column: str) -> str:
    return f"{name}.{column}" if column else name


def _foreign_keys(connection: Connection, relations: dict[str, Relation]) -> Iterator[str]:
    for row in connection.execute(text(lint_queries.FOREIGN_KEYS)):
        if row.name in pinned.FOREIGN_KEY_EXCEPTIONS:
            continue
        source, target = (relations[name].level for name in (row.table_name, row.target))
        pairs = list(zip(row.columns, row.target_columns, strict=True))
        if source != "global" and target == "global":
            yield (
                f"{row.name} refers to {row.target}, which has no walls: keep the id without a "
                "foreign key."
            )
        elif source == "global" and target != "global":
            yield f"{row.name} refers from a global table behind the walls: remove it."
        elif source != "global" and not _leads(row.target, target, pairs):
            yield (
                f"{row.name} does not carry agency and client: refer to (agency_id, client_id, id) "
                "with palabre.db.tables.refers."
            )


def _leads(target: str, level: str | None, pairs: list[tuple[str, str]]) -> bool:
    agency = "id" if target == walls.OWN_ID_AS_AGENCY else "agency_id"
    client = "id" if target == walls.OWN_ID_AS_CLIENT else "client_id"
    if level == "agency":
        return pairs[:_AGENCY_KEYS] == [("agency_id", agency)]
    return pairs[:_CLIENT_KEYS] == [("agency_id", agency), ("client_id", client)]


def _uniques(connection: Connection, tables: dict[str, Relation]) -> Iterator[str]:
    for row in connection.execute(text(lint_queries.UNIQUES)):
        table = tables.get(row.table_name)
        if table is None or row.name in pinned.UNIQUE_EXCEPTIONS:
            continue
        if tuple(row.columns[: _CLIENT_KEYS + 1]) not in _allowed(table, tuple(row.columns)):
            yield (
                f"{row.name} is unique across clients: start it with agency_id and client_id, or "
                "pin it with a reason."
            )


def _allowed(table: Relation, columns: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return the heads (three columns) that keep an index within agency and client."""
    head = columns[: _CLIENT_KEYS + 1]
    if table.name == walls.OWN_ID_AS_AGENCY:
        return {("id",)}
    if table.name == walls.OWN_ID_AS_CLIENT:
        return {("agency_id", "id")}
    if table.level == "agency":
        return {head} if columns[0] == "agency_id" else set()
    keys = {("agency_id", "id")} if table.level == "shared" else set()
    return keys | ({head} if columns[:_CLIENT_KEYS] == ("agency_id", "client_id") else set())


def _definers(connection: Connection, roles: RoleNames) -> Iterator[str]:
    there = {row.signature: row for row in connection.execute(text(lint_queries.DEFINERS))}
    for signature, wanted in pinned.DEFINERS.items():
        row = there.pop(signature, None)
        owner = getattr(roles, wanted.owner)
        if row is None:
            yield f"{signature} is missing or not SECURITY DEFINER: run `palabre db migrate`."
            continue
        if row.owner != owner:
            yield f"{signature} belongs to {row.owner}: ALTER FUNCTION ... OWNER TO {owner}."
        if not row.search_path.startswith("pg_catalog"):
            yield f"{signature} has no pinned search_path: SET search_path = pg_catalog, public."
        if row.returns != wanted.returns:
            yield f"{signature} returns {row.returns}: pinned is {wanted.returns}."
        callers = {roles.app} if wanted.called else set()
        for caller in sorted(set(row.callers) - callers):
            yield f"{caller} may call {signature}: REVOKE EXECUTE."
    for signature in there:
        yield f"{signature} is SECURITY DEFINER and not pinned: pin it, or make it an invoker."


def _roles(connection: Connection, roles: RoleNames) -> Iterator[str]:
    names = {getattr(roles, field): field for field in RoleNames.__struct_fields__}
    all_powers = False
    for row in connection.execute(text(lint_queries.ROLES), {"names": list(names)}):
        for power in row.powers:
            yield f"{row.name} is {power}: ALTER ROLE ... NO{power}."
        if row.login != (names[row.name] in ("app", "migrate", "backup")):
            yield f"{row.name} {'may' if row.login else 'may not'} log in: change LOGIN."
        if row.name == roles.app:
            all_powers = "SUPERUSER" in row.powers
            for membership in row.memberships:
                yield f"{roles.app} is a member of {membership}: REVOKE {membership}."
    makes = {"app": roles.app, "all_powers": all_powers}
    for right, where in connection.execute(text(lint_queries.MAKES), makes):
        yield f"{roles.app} may {right} in {where}: revoke it."


def _owners(connection: Connection, roles: RoleNames) -> Iterator[str]:
    for row in connection.execute(text(lint_queries.OWNED), {"app": roles.app}):
        yield f"{roles.app} owns {row.thing}: ALTER ... OWNER TO {roles.owner}."
    for row in connection.execute(text(lint_queries.ELSEWHERE)):
        yield f"{row.thing} is outside schema public, where nothing checks it: remove it."
