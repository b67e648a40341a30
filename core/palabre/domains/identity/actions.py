"""The one table of actions and of the role each needs. What is not here cannot be done.

Roles rise: viewer, editor, admin, owner. A role on the agency holds on each of its clients.
"""

from typing import Final, Literal

from msgspec import Struct

Role = Literal["viewer", "editor", "admin", "owner"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "admin", "owner")


class Need(Struct, frozen=True):
    """What an action needs: a role, held on the client or on the agency itself.

    ``anywhere``: any membership of the agency will do; the answer shows what the caller may see.
    """

    role: Role
    on: Literal["client", "agency", "anywhere", "self"]


ACTIONS: Final[dict[str, Need]] = {
    "me.read": Need("viewer", "self"),
    "me.edit": Need("viewer", "self"),
    "me.sign_out": Need("viewer", "self"),
    "me.verify": Need("viewer", "self"),
    "me.password": Need("viewer", "self"),
    "me.sessions": Need("viewer", "self"),
    "roles.read": Need("viewer", "anywhere"),
    "team.read": Need("admin", "agency"),
    "team.edit": Need("admin", "agency"),
    "keys.read": Need("admin", "client"),
    "keys.edit": Need("admin", "client"),
    "branding.read": Need("viewer", "anywhere"),
    "branding.edit": Need("admin", "agency"),
    "client_branding.read": Need("viewer", "client"),
    "client_branding.edit": Need("admin", "client"),
    "domains.read": Need("admin", "agency"),
    "domains.edit": Need("admin", "agency"),
    "client_domains.read": Need("admin", "client"),
    "client_domains.edit": Need("admin", "client"),
    "notices.read": Need("viewer", "self"),
    "notices.mark": Need("viewer", "self"),
    "notices.preferences": Need("viewer", "self"),
    "notices.choose": Need("viewer", "self"),
    "clients.list": Need("viewer", "anywhere"),
    "clients.create": Need("admin", "agency"),
    "clients.read": Need("viewer", "client"),
    "clients.edit": Need("admin", "client"),
    "brands.read": Need("viewer", "client"),
    "brands.edit": Need("editor", "client"),
    "plugins.list": Need("viewer", "anywhere"),
    "plugins.settings": Need("admin", "agency"),
    "client_plugins.read": Need("viewer", "client"),
    "client_plugins.edit": Need("admin", "client"),
    "accounts.read": Need("viewer", "client"),
    "accounts.connect": Need("admin", "client"),
    "accounts.check": Need("editor", "client"),
    "accounts.disconnect": Need("admin", "client"),
    "media.read": Need("viewer", "client"),
    "media.edit": Need("editor", "client"),
    "pieces.read": Need("viewer", "client"),
    "pieces.edit": Need("editor", "client"),
    "publications.list": Need("viewer", "anywhere"),
    "publications.read": Need("viewer", "client"),
    "publications.validate": Need("editor", "client"),
    "publications.create": Need("editor", "client"),
    "publications.decide": Need("editor", "client"),
    "audit.read": Need("admin", "client"),
    "agency_audit.read": Need("admin", "agency"),
}


KEY_ACTIONS: Final = frozenset(
    {
        "clients.read",
        "brands.read",
        "brands.edit",
        "client_plugins.read",
        "accounts.read",
        "accounts.check",
        "media.read",
        "media.edit",
        "pieces.read",
        "pieces.edit",
        "publications.read",
        "publications.validate",
        "publications.create",
        "publications.decide",
    }
)
"""What API keys may be given. People, plugins, accounts, keys and the audit stay with people."""


def reaches(held: Role | None, needed: Role) -> bool:
    """Tell whether the role held is at least the role needed."""
    return held is not None and ROLES.index(held) >= ROLES.index(needed)
