"""The host table: which platform hosts a simulator stands in for, and where it is reached."""

from collections.abc import Mapping
from typing import Final

import httpx
from msgspec import Struct

HOST_PLACEHOLDER: Final = "{host}"
"""In the base of a wildcard entry: replaced by the real host of the request."""


class Target(Struct, frozen=True, kw_only=True):
    """Where a request really goes. ``forwarded_host`` is None when it goes to the real platform."""

    url: str
    forwarded_host: str | None = None


class HostTable:
    """Maps real platform hosts to base addresses; hosts that are not listed stay as they are."""

    def __init__(self, entries: Mapping[str, str], *, public_origin: str = "") -> None:
        """Keep a table.

        Args:
            entries: Base address by host; a host is exact or ``*.suffix``, a base may contain
                ``{host}``.
            public_origin: Scheme, host and port under which browsers reach the simulators; empty:
                the same as in the bases.

        Raises:
            ValueError: A base is not an http(s) address.
        """
        for host, base in entries.items():
            if not host or not base.startswith(("http://", "https://")):
                raise ValueError(f"Not an entry of the host table: {host!r}")
        self._entries = {host.lower(): base.rstrip("/") for host, base in entries.items()}
        self._public_origin = public_origin.rstrip("/")

    @classmethod
    def parse(cls, text: str, *, public_origin: str = "") -> "HostTable":
        """Read the text of ``PALABRE_SIMULATED_HOSTS``: ``host=base,*.suffix=base``.

        Raises:
            ValueError: An entry is not ``host=http(s)://...``.
        """
        entries: dict[str, str] = {}
        for item in filter(None, (part.strip() for part in text.split(","))):
            host, _, base = item.partition("=")
            entries[host.strip()] = base.strip()
        return cls(entries, public_origin=public_origin)

    def __bool__(self) -> bool:
        return bool(self._entries)

    def targets(self) -> frozenset[tuple[str, int]]:
        """Return host and port of every base: the only places exempt from the address check."""
        bases = [httpx.URL(base.replace(HOST_PLACEHOLDER, "")) for base in self._entries.values()]
        return frozenset(
            (base.host, base.port or (443 if base.scheme == "https" else 80)) for base in bases
        )

    def resolve(self, url: str) -> Target:
        """Return where a request for the real address ``url`` goes."""
        parsed = httpx.URL(url)
        base = self._base_for(parsed.host)
        if base is None:
            return Target(url=url)
        return Target(url=base + parsed.raw_path.decode(), forwarded_host=parsed.host)

    def public_link(self, url: str) -> str:
        """Return the address under which a browser opens the real address ``url``."""
        if not url.startswith(("http://", "https://")):
            return url
        target = self.resolve(url)
        if target.forwarded_host is None:
            return url
        fragment = httpx.URL(url).fragment
        return self._for_browsers(target.url) + (f"#{fragment}" if fragment else "")

    def _for_browsers(self, url: str) -> str:
        if not self._public_origin:
            return url
        return self._public_origin + httpx.URL(url).raw_path.decode()

    def _base_for(self, host: str) -> str | None:
        name = host.lower().rstrip(".")
        base = self._entries.get(name)
        if base is None:
            base = next((base for key, base in self._entries.items() if covers(key, name)), None)
        return None if base is None else base.replace(HOST_PLACEHOLDER, name)


def covers(pattern: str, host: str) -> bool:
    """Tell whether ``host`` is ``pattern`` or lies below its ``*.suffix``."""
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern
