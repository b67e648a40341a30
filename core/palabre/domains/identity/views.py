"""What goes out about the signed-in person."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from palabre.base.words import Locale
from palabre.domains.identity.actions import Role


class AgencyRef(Struct, frozen=True, kw_only=True):
    """An agency by name."""

    id: UUID
    name: str


class MyAgency(AgencyRef, frozen=True, kw_only=True):
    """The agency of this session. ``time_zone`` is the one proposed for new clients."""

    time_zone: str
    locale: Locale


class MyClient(Struct, frozen=True, kw_only=True):
    """A client the person may see, with the role they hold there."""

    id: UUID
    name: str
    slug: str
    time_zone: str
    role: Role
    colour: str


class Me(Struct, frozen=True, kw_only=True):
    """The signed-in person in one agency. ``agencies``: all they may switch to."""

    id: UUID
    name: str
    email: str
    locale: Locale
    email_verified: bool
    agency: MyAgency
    agencies: list[AgencyRef]
    agency_role: Role | None
    clients: list[MyClient]


class Session(Struct, frozen=True, kw_only=True):
    """An access token and who it is for. ``refresh_token`` only where the caller keeps it."""

    access_token: str
    expires_in: int
    user: Me
    token_type: Literal["Bearer"]
    refresh_token: str | UnsetType = UNSET


class OpenSession(Struct, frozen=True, kw_only=True):
    """A session somebody may end. ``current``: the one this call is made in."""

    id: UUID
    current: bool
    ip: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class ClientRole(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role on one client."""

    client_id: UUID
    role: Literal["viewer", "editor", "admin"]


class Teammate(Struct, frozen=True, kw_only=True):
    """A member of the agency. ``sessions``: how many they have open here."""

    id: UUID
    name: str
    email: str
    email_verified: bool
    agency_role: Role | None
    clients: list[ClientRole]
    last_seen_at: datetime | None
    sessions: int


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation that was not accepted yet."""

    id: UUID
    email: str
    agency_role: Role | None
    clients: list[ClientRole]
    locale: str
    state: Literal["waiting", "expired"]
    created_at: datetime
    expires_at: datetime


class Invited(Struct, frozen=True, kw_only=True):
    """What an invitation offers. ``joins``: the address has an account, one click is enough."""

    agency_name: str
    email: str
    joins: bool
    agency_role: Role | None
    clients: list[str]
    expires_at: datetime


class ActionRoles(Struct, frozen=True, kw_only=True):
    """One action and the lowest role that may do it. ``keys``: API keys may be given it."""

    action: str
    role: Role
    on: Literal["client", "agency", "anywhere", "self"]
    keys: bool
