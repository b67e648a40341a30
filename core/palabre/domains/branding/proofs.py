"""How somebody proves that a host is theirs: a file there that holds our token."""

import hmac
from typing import Final, Literal, Protocol

from palabre.net.client import Egress
from palabre.net.errors import EgressError

PATH: Final = "/.well-known/palabre-domain"
_TIMEOUT_S: Final = 10.0
_MAX_BYTES: Final = 1000
_OK: Final = 200
Finding = Literal["proven", "unreachable", "no_file", "other_text"]


class Prover(Protocol):
    """Finds out whether a host shows a token."""

    async def look(self, host: str, token: str) -> Finding:
        """Return what was found at the host; never raises for what the host does."""


class FileProver:
    """Reads the file over https, through the door that calls public addresses only.

    Not a name-server record: the checked connection, with its certificate, proves the same with
    what we have. Redirects are not followed, so that nobody proves a host with another.
    """

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    async def look(self, host: str, token: str) -> Finding:
        """Return what was found at the host."""
        try:
            answer = await self._egress.request(
                "GET", proof_url(host), timeout_s=_TIMEOUT_S, max_bytes=_MAX_BYTES
            )
        except EgressError:
            return "unreachable"
        if answer.status != _OK:
            return "no_file"
        same = hmac.compare_digest(answer.content.strip(), token.encode())
        return "proven" if same else "other_text"


def proof_url(host: str) -> str:
    """Return where the file is looked for."""
    return f"https://{host}{PATH}"
