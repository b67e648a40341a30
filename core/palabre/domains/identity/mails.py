"""The letters of signing in: what each says and where its link leads."""

from typing import Final

from palabre.db.door import Tx
from palabre.domains.identity.actions import Role
from palabre.domains.runtime import Runtime
from palabre.mail.rendering import Facts
from palabre.mail.service import post

_HOURS: Final = 24
_MINUTES: Final = 30
_DAYS: Final = 7


async def verify_address(
    tx: Tx, runtime: Runtime, to: str, locale: str, *, name: str, agency: str, secret: str
) -> None:
    """Ask somebody to confirm that this address is theirs."""
    url = f"{runtime.settings.public_url}/verify#secret={secret}"
    params: Facts = {"name": name, "agency": agency, "hours": _HOURS, "url": url}
    await post(tx, "verify_address", to, locale, params)


async def known_address(tx: Tx, runtime: Runtime, to: str, locale: str, *, name: str) -> None:
    """Tell the owner of an account that somebody registered with their address."""
    params = {"name": name, "url": f"{runtime.settings.public_url}/sign-in"}
    await post(tx, "known_address", to, locale, params)


async def password_reset(
    tx: Tx, runtime: Runtime, to: str, locale: str, *, name: str, secret: str
) -> None:
    """Send the link that sets a password anew."""
    url = f"{runtime.settings.public_url}/reset#secret={secret}"
    await post(tx, "password_reset", to, locale, {"name": name, "minutes": _MINUTES, "url": url})


async def invitation(
    tx: Tx,
    runtime: Runtime,
    to: str,
    locale: str,
    *,
    person: str,
    agency: str,
    place: str,
    role: Role,
    secret: str,
) -> None:
    """Invite somebody to an agency; ``place``: where they get the role."""
    url = f"{runtime.settings.public_url}/invitation#secret={secret}"
    params: Facts = {
        "person": person,
        "agency": agency,
        "place": place,
        "role": role,
        "days": _DAYS,
        "url": url,
    }
    await post(tx, "invitation", to, locale, params, sender_name=agency)


async def session_revoked(
    tx: Tx, runtime: Runtime, to: str, locale: str, *, name: str, agency: str, device: str
) -> None:
    """Tell somebody that a session of theirs was ended by another, or because it was stolen."""
    url = f"{runtime.settings.public_url}/settings/sessions"
    params = {"name": name, "agency": agency, "device": device, "url": url}
    await post(tx, "session_revoked", to, locale, params)
