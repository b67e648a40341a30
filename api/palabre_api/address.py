"""The address of the caller, believing forwarded addresses only from proxies we trust."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network


class TrustedProxies:
    """The proxies of ``PALABRE_TRUSTED_PROXIES``: addresses or networks."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._networks = tuple(ip_network(network, strict=False) for network in networks)

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """Return the nearest address that is not one of our proxies.

        Args:
            peer: Who opened the connection.
            forwarded: Values of ``X-Forwarded-For``; each proxy adds the address it saw at the end.
        """
        hops = [hop.strip() for value in forwarded for hop in value.split(",")]
        address = peer
        while hops and self._trusts(address):
            address = hops.pop()
        return address

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)
