"""Which hosts and addresses may be called: our own table of what is not the public internet.

``ipaddress.is_global`` is not used: depending on the Python version it calls multicast, NAT64 of
internal addresses and a cloud's metadata address global (RELIABILITY section 4, point 3).
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

import idna

Address = IPv4Address | IPv6Address

MAX_HOST_LENGTH: Final = 253

_DENIED_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared address space; holds the metadata address 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent
        "169.254.0.0/16",  # link local; holds the metadata address 169.254.169.254
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_ALL_V6: Final = IPv6Network("::/0")
_PUBLIC_V6: Final = IPv6Network("2000::/3")
"""Only global unicast can be public: everything else is denied without being listed."""
_DENIED_V6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4, withdrawn
        "2620:4f:8000::/48",
        "3ffe::/16",
        "3fff::/20",
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
_V4_COMPATIBLE: Final = IPv6Network("::/96")
_NUMERIC_LABEL: Final = re.compile(r"^(0x[0-9a-f]*|[0-9]+)$")
_LABEL: Final = re.compile(r"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$")


class HostRefused(ValueError):
    """The host of an address is not one we call."""


def normalise_host(host: str) -> str:
    """Return ``host`` as ASCII, lower case, without trailing dot, in its only spelling.

    Raises:
        HostRefused: Not a host name, or an address in an unusual spelling (``127.1``,
            ``0x7f.1``, ``2130706433``, full-width digits).
    """
    bare = host.strip("[]")
    if ":" in bare:
        return _ipv6_text(bare)
    ascii_host = _to_ascii(host.rstrip("."))
    labels = ascii_host.split(".")
    if _NUMERIC_LABEL.match(labels[-1]):
        return _ipv4_text(host, ascii_host)
    if len(ascii_host) > MAX_HOST_LENGTH or not all(map(_LABEL.match, labels)):
        raise HostRefused("This is not a host name.")
    return ascii_host


def literal_address(host: str) -> Address | None:
    """Return the address a normalised host spells out, None if it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def denied_reason(address: Address) -> str | None:
    """Return why ``address`` must not be called, None if it is on the public internet."""
    for view in _views(address):
        network = _denied_v4(view) if isinstance(view, IPv4Address) else _denied_v6(view)
        if network is not None:
            return f"{address} is not public ({view} in {network})"
    return None


def _denied_v4(address: IPv4Address) -> IPv4Network | None:
    return next((network for network in _DENIED_V4 if address in network), None)


def _denied_v6(address: IPv6Address) -> IPv6Network | None:
    if address.ipv4_mapped is not None or address in _NAT64:
        return None  # judged by the IPv4 address inside, which is another view
    if address not in _PUBLIC_V6:
        return _ALL_V6
    return next((network for network in _DENIED_V6 if address in network), None)


def _views(address: Address) -> Iterator[Address]:
    """Yield the address and every IPv4 address wrapped inside it."""
    yield address
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or address in _V4_COMPATIBLE:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _ipv6_text(text: str) -> str:
    if "%" in text:
        raise HostRefused("An address with a zone is not called.")
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise HostRefused("This is not an address.") from None


def _ipv4_text(given: str, ascii_host: str) -> str:
    try:
        address = IPv4Address(ascii_host)
    except ValueError:
        address = None
    if address is None or given.rstrip(".") != ascii_host:
        raise HostRefused("An address is called in its usual spelling only.")
    return str(address)


def _to_ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode().lower()
    except idna.IDNAError:
        raise HostRefused("This is not a host name.") from None
