"""Who acts, and on whose rows: the scope every transaction is opened with."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

ActorKind = Literal["user", "key", "agent", "system", "public"]


class Actor(Struct, frozen=True, kw_only=True):
    """Who does something: a person, an API key, an agent, or the system itself."""

    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    ip: str = ""
    user_agent: str = ""


SYSTEM = Actor(kind="system")


class Scope(Struct, frozen=True, kw_only=True):
    """The rows a transaction can see: one agency, and one, some or all of its clients.

    ``all_clients`` is for people of the agency on agency-wide screens; everything on a client's
    route or in a job is scoped to that client.
    """

    agency_id: UUID
    client_ids: tuple[UUID, ...] = ()
    all_clients: bool = False
    actor: Actor = SYSTEM
    locale: str = "en"

    @classmethod
    def of_client(
        cls, agency_id: UUID, client_id: UUID, actor: Actor = SYSTEM, locale: str = "en"
    ) -> "Scope":
        """Return the scope of one client."""
        return cls(agency_id=agency_id, client_ids=(client_id,), actor=actor, locale=locale)

    @classmethod
    def of_agency(cls, agency_id: UUID, actor: Actor = SYSTEM, locale: str = "en") -> "Scope":
        """Return the scope of a whole agency, its own rows included."""
        return cls(agency_id=agency_id, all_clients=True, actor=actor, locale=locale)

    @property
    def client_id(self) -> UUID:
        """The one client of this scope.

        Raises:
            LookupError: The scope is not that of exactly one client.
        """
        if self.all_clients or len(self.client_ids) != 1:
            raise LookupError("This needs the scope of exactly one client.")
        return self.client_ids[0]

    def settings(self) -> tuple[str, str, str]:
        """Return the three transaction-local settings the walls read."""
        clients = ",".join(str(client) for client in self.client_ids)
        return str(self.agency_id), "true" if self.all_clients else "false", f"{{{clients}}}"
