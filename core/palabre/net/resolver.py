"""Resolution inside the connector: look up, check every answer, connect to what was checked."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable
from ipaddress import ip_address
from typing import Final

import httpcore

from palabre.net.addresses import Address, denied_reason, literal_address

Resolve = Callable[[str, int], Awaitable[list[Address]]]
Judge = Callable[[Address], str | None]
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)

MAX_TRIED: Final = 3
"""Addresses of one host tried before giving up, all within the connect timeout."""


class AddressRefused(Exception):
    """The host resolves to something that is not the public internet."""


async def system_resolve(host: str, port: int) -> list[Address]:
    """Ask the system for all addresses of ``host``."""
    loop = asyncio.get_running_loop()
    rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(row[4][0]) for row in rows]


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only. If any answer for a name is not public, to none."""

    def __init__(self, resolve: Resolve = system_resolve, judge: Judge = denied_reason) -> None:
        self._resolve = resolve
        self._judge = judge
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check and connect; the caller starts TLS for the name, not for the address."""
        options = list(socket_options or ())
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._checked(host, port)
                return await self._first(addresses, port, local_address, options)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no connection within {timeout} s") from None

    async def _checked(self, host: str, port: int) -> list[Address]:
        literal = literal_address(host)
        try:
            found = [literal] if literal else await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} does not resolve") from error
        for address in found:
            if reason := self._judge(address):
                raise AddressRefused(reason)
        return list(dict.fromkeys(found))[:MAX_TRIED]

    async def _first(
        self,
        addresses: list[Address],
        port: int,
        local_address: str | None,
        options: list[SocketOption],
    ) -> httpcore.AsyncNetworkStream:
        failure = httpcore.ConnectError("no address to connect to")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, local_address=local_address, socket_options=options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure


class SimulatorBackend(httpcore.AsyncNetworkBackend):
    """Connects to the targets of the host table and to nothing else, without address check."""

    def __init__(self, targets: Collection[tuple[str, int]]) -> None:
        self._targets = frozenset(targets)
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect if the host table names this target."""
        if (host, port) not in self._targets:
            raise AddressRefused(f"{host}:{port} is not a target of the host table")
        return await self._inner.connect_tcp(
            host, port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )
