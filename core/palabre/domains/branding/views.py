"""What goes out about branding."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from palabre.domains.branding.colours import Roles

Level = Literal["client", "agency", "default"]


class Note(Struct, frozen=True, kw_only=True):
    """A sentence about what a colour becomes."""

    code: str
    message: str


class Look(Struct, frozen=True, kw_only=True):
    """What is in force: the client's own over the agency's over ours.

    ``roles`` is null while nobody gave a colour: the product's own colours then stand.
    """

    name: str
    sender_name: str
    logo_url: str | None
    roles: Roles | None
    colour_from: Level
    logo_from: Level
    sender_name_from: Level


class Branding(Struct, frozen=True, kw_only=True):
    """What an agency or client gave itself (null: inherited), and what is in force for it."""

    colour: str | None
    sender_name: str | None
    logo_url: str | None
    effective: Look
    notes: list[Note]
    """What the colour in force becomes where it could not be read."""
    updated_at: datetime | None


class PublicBranding(Struct, frozen=True, kw_only=True):
    """What a page shows before anybody signed in."""

    name: str
    logo_url: str | None
    roles: Roles | None


class Domain(Struct, frozen=True, kw_only=True):
    """A host under which an agency or client is reached.

    Serve ``token`` as the whole text of ``proof_url`` to prove that the host is yours.
    """

    id: UUID
    host: str
    state: Literal["waiting", "verified"]
    token: str
    proof_url: str
    verified_at: datetime | None
    created_at: datetime
