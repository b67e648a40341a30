"""What row security may contain, pinned: policies, rights, definer functions, and exceptions.

``palabre.db.lint`` compares the catalogue of a database with this page. Whoever adds a policy, a
right of a special role or a definer function says so here, where a reviewer sees it.
"""

from typing import Final

from msgspec import Struct

from palabre.db import walls
from palabre.db.walls import RoleNames

_AGENCY: Final = "( SELECT (current_setting('palabre.agency_id'::text))::uuid AS current_setting)"
_ALL: Final = "( SELECT (current_setting('palabre.all_clients'::text))::boolean AS current_setting)"
_CLIENTS: Final = (
    "(( SELECT (current_setting('palabre.client_ids'::text))::uuid[] AS current_setting)::uuid[])"
)

SPECIAL_RIGHTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "claimer": {
        "work": ("SELECT", "INSERT", "UPDATE"),
        "events": ("SELECT", "UPDATE"),
        "schedules": ("SELECT",),
        "idempotency_keys": ("SELECT", "DELETE"),
        "connect_attempts": ("SELECT", "UPDATE"),
        "notices": ("SELECT", "DELETE"),
    },
    "lookup": {
        "memberships": ("SELECT",),
        "connect_attempts": ("SELECT",),
        "grants": ("SELECT",),
        "accounts": ("SELECT",),
        "audit_heads": ("SELECT",),
        "silos": ("SELECT",),
        "custom_domains": ("SELECT",),
        "api_keys": ("SELECT",),
        "invitations": ("SELECT",),
    },
}
"""Rights of the roles that own definer functions: field of ``RoleNames``, table, rights."""


class Definer(Struct, frozen=True, kw_only=True):
    """A SECURITY DEFINER function: its owner (field of ``RoleNames``) and exactly what it returns.

    ``called`` is false for trigger functions, which nobody may call.
    """

    owner: str
    returns: str
    called: bool = True


DEFINERS: Final[dict[str, Definer]] = {
    "claim_work(text,integer,double precision,integer)": Definer(
        owner="claimer",
        returns="TABLE(agency_id uuid, client_id uuid, id uuid, kind text, subject_id uuid, "
        "fence bigint, attempt integer)",
    ),
    "sweep_work()": Definer(owner="claimer", returns="integer"),
    "relay_events(integer,text,text[])": Definer(owner="claimer", returns="integer"),
    "due_schedules(integer)": Definer(
        owner="claimer", returns="TABLE(agency_id uuid, client_id uuid, id uuid)"
    ),
    "forget_expired()": Definer(owner="claimer", returns="integer"),
    "lookup_memberships(uuid)": Definer(
        owner="lookup",
        returns="TABLE(agency_id uuid, client_id uuid, role text, may_approve boolean)",
    ),
    "lookup_attempt(uuid)": Definer(
        owner="lookup", returns="TABLE(agency_id uuid, client_id uuid)"
    ),
    "lookup_api_key(text)": Definer(
        owner="lookup", returns="TABLE(agency_id uuid, client_id uuid, key_id uuid)"
    ),
    "lookup_invitation(bytea)": Definer(
        owner="lookup", returns="TABLE(agency_id uuid, invitation_id uuid)"
    ),
    "lookup_connect_state(bytea)": Definer(
        owner="lookup", returns="TABLE(agency_id uuid, client_id uuid, attempt_id uuid)"
    ),
    "consent_used_elsewhere(text,text,uuid)": Definer(owner="lookup", returns="boolean"),
    "audit_heads_for_anchor()": Definer(
        owner="lookup", returns="TABLE(agency_id uuid, client_id uuid, n bigint, hash bytea)"
    ),
    "lookup_domain(text)": Definer(owner="lookup", returns="TABLE(agency_id uuid, client_id uuid)"),
    "lookup_silos()": Definer(
        owner="lookup",
        returns="TABLE(agency_id uuid, client_id uuid, database text, state text)",
    ),
    "audit_append()": Definer(owner="owner", returns="trigger", called=False),
}

UNIQUE_EXCEPTIONS: Final[dict[str, str]] = {
    "api_keys_kid_idx": "A key names itself before a scope is known; the value is 70 random bits "
    "of our own, so nobody can probe for another's.",
    "invitations_hash_idx": "An invitation's link comes back before a scope is known; the value is "
    "the hash of a 256-bit secret.",
    "connect_attempts_state_hash_idx": "The state comes back before a scope is known; the value is "
    "the hash of a 256-bit secret, so nobody can probe for another's.",
    "custom_domains_host_idx": "A host belongs to whoever proved to control it; only they learn "
    "that somebody proved it before.",
    "clients_agency_id_slug_key": "A slug names a client within its agency; only people with all "
    "clients create or rename clients.",
}
"""Unique indexes that do not start with agency and client, each with its reason."""

FOREIGN_KEY_EXCEPTIONS: Final[dict[str, str]] = {}
"""Foreign keys that do not carry agency and client, each with its reason."""

UNWALLED: Final = walls.GLOBAL | {"alembic_version"}


class Policy(Struct, frozen=True, kw_only=True):
    """One policy as the catalogue describes it; ``check`` is None where there is no WITH CHECK."""

    table: str
    name: str
    roles: tuple[str, ...]
    command: str
    permissive: bool
    using: str | None
    check: str | None


def policies(table: str, level: str, roles: RoleNames) -> list[Policy]:
    """Return every policy a table of that level must have, and no other."""
    found = [
        _rows(table, "app", roles.app),
        _rows(table, "owner", roles.owner),
        Policy(
            table=table,
            name="backup_rows",
            roles=(roles.backup,),
            command="SELECT",
            permissive=True,
            using="true",
            check=None,
        ),
    ]
    for role, tables in SPECIAL_RIGHTS.items():
        if table in tables:
            found.append(_rows(table, role, getattr(roles, role)))
    agency, client = wall_expressions(table, level)
    return [
        _wall(table, "agency_wall", agency, roles),
        _wall(table, "client_wall", client, roles),
        *found,
    ]


def wall_expressions(table: str, level: str) -> tuple[str, str]:
    """Return the one form of both walls of ``walls.conditions``, as PostgreSQL prints it."""
    agency = "id" if table == walls.OWN_ID_AS_AGENCY else "agency_id"
    client = "id" if table == walls.OWN_ID_AS_CLIENT else "client_id"
    any_client = f"({_ALL} OR ({client} = ANY {_CLIENTS}))"
    return f"({agency} = {_AGENCY})", _ALL if level == "agency" else any_client


def rights(table: str, roles: RoleNames) -> set[tuple[str, str, str]]:
    """Return the rights on ``table`` as (role, right, column); column empty for the whole table."""
    found = {(roles.app, "SELECT", ""), (roles.backup, "SELECT", "")}
    if table in walls.INSERT_COLUMNS:
        found |= {(roles.app, "INSERT", column) for column in walls.INSERT_COLUMNS[table]}
    elif table not in walls.READ_ONLY and table != "alembic_version":
        found |= {(roles.app, "INSERT", ""), (roles.app, "DELETE", "")}
        if table not in walls.NO_UPDATE:
            found.add((roles.app, "UPDATE", ""))
    for role, tables in SPECIAL_RIGHTS.items():
        found |= {(getattr(roles, role), right, "") for right in tables.get(table, ())}
    return found


def _rows(table: str, role: str, name: str) -> Policy:
    return Policy(
        table=table,
        name=f"{role}_rows",
        roles=(name,),
        command="ALL",
        permissive=True,
        using="true",
        check="true",
    )


def _wall(table: str, name: str, expression: str, roles: RoleNames) -> Policy:
    return Policy(
        table=table,
        name=name,
        roles=(roles.app,),
        command="ALL",
        permissive=False,
        using=expression,
        check=expression,
    )
