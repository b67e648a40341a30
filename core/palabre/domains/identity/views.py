"""What goes out about the signed-in person."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from palabre.domains.identity.actions import Role


class AgencyRef(Struct, frozen=True, kw_only=True):
    """An agency by name."""

    id: UUID
    name: str


class MyAgency(AgencyRef, frozen=True, kw_only=True):
    """The agency of this session. ``time_zone`` is the one proposed for new clients."""

    time_zone: str
    locale: str


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
    locale: str
    agency: MyAgency
    agencies: list[AgencyRef]
    agency_role: Role | None
    clients: list[MyClient]


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An access token and who it is for. ``refresh_token`` only where the caller keeps it."""

    access_token: str
    expires_in: int
    user: Me
    token_type: Literal["Bearer"]
    refresh_token: str | None = None
