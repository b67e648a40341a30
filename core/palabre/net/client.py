"""The egress client: one request, no redirect, no cookie, no retry, to public addresses only."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Collection, Mapping
from typing import Any, Final

import httpcore
import httpx
import msgspec
from msgspec import Struct

from palabre.net.addresses import HostRefused, denied_reason, normalise_host
from palabre.net.bodies import ACCEPTED_ENCODINGS, BodyTooLarge, BodyUnreadable, read_capped
from palabre.net.errors import AnswerRefused, EgressError, EgressRefused, MaybeSent, NotSent
from palabre.net.hosts import HostTable
from palabre.net.resolver import (
    AddressRefused,
    CheckedBackend,
    Judge,
    Resolve,
    SimulatorBackend,
    system_resolve,
)
from palabre.sdk.values import FilePart

CONNECT_S: Final = 5.0
TOTAL_S: Final = 15.0
MAX_BYTES: Final = 10 * 1024 * 1024
MAX_URL: Final = 8_192
PORTS: Final = frozenset({80, 443, 8443})
_POOL_SIZE: Final = 100
_IDLE_S: Final = 5.0
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LEFT: Final = "send_request_headers.started"
"""Step of the connection after which bytes may have reached the other side."""

_log = logging.getLogger("palabre.net")
for _chatty in ("httpx", "httpcore"):  # both write whole addresses, with their query
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class EgressResponse(Struct, frozen=True, kw_only=True):
    """A finished answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Decode the body.

        Raises:
            ValueError: The body is not JSON.
        """
        try:
            return msgspec.json.decode(self.content)
        except msgspec.DecodeError as error:
            raise ValueError("The answer is not JSON.") from error


class Egress:
    """One per process: holds the connection pools. Nothing else opens outgoing connections."""

    def __init__(
        self,
        host_table: HostTable,
        *,
        resolve: Resolve = system_resolve,
        judge: Judge = denied_reason,
        ports: Collection[int] = PORTS,
    ) -> None:
        """Open the pools; no connection is made yet.

        Args:
            host_table: Hosts that simulators stand in for.
            resolve: Looks up a name; tests bring their own.
            judge: Says why an address is refused; tests narrow it to one listener.
            ports: Ports that may be called at real hosts.
        """
        self.host_table = host_table
        self._ports = frozenset(ports)
        self._public = _pool(CheckedBackend(resolve, judge))
        self._simulated = _pool(SimulatorBackend(host_table.targets()))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._public.aclose()
        await self._simulated.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        files: Mapping[str, FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = TOTAL_S,
        max_bytes: int = MAX_BYTES,
        allow_http: bool = False,
    ) -> EgressResponse:
        """Send one request and return its answer; statuses are never raised.

        Args:
            method: HTTP method.
            url: The real address; the host table is applied here.
            params: Added to the query of ``url``.
            form: Body as form fields, also beside ``files``.
            json: Body as JSON.
            content: Raw body.
            files: Parts of a multipart body.
            headers: Extra headers.
            timeout_s: Seconds for everything together; connecting has at most 5 of them.
            max_bytes: Largest answer read, after decompression.
            allow_http: Allow plain http at a real host (never for tokens).

        Raises:
            EgressRefused: We do not call this address.
            NotSent: Surely nothing left.
            MaybeSent: The request left and no complete answer came.
        """
        address = self._address(url, params, allow_http=allow_http)
        pool, target, forwarded = self._route(address)
        extra = {**(headers or {}), "accept-encoding": ACCEPTED_ENCODINGS}
        if forwarded:
            extra["x-forwarded-host"] = forwarded
        outgoing = _encode(
            method, target, extra, form=form, json=json, content=content, files=files
        )
        call = _Call(method, address.host)
        started = time.monotonic()
        try:
            answer = await call.run(pool, outgoing, timeout_s=timeout_s, max_bytes=max_bytes)
        except EgressError as error:
            _log.info("%s after %.3f s", error, time.monotonic() - started)
            raise
        took = time.monotonic() - started
        _log.info("%s %s: %d in %.3f s", method, address.host, answer.status, took)
        return answer

    def _address(
        self, url: str, params: Mapping[str, str] | None, *, allow_http: bool
    ) -> httpx.URL:
        """Return the address in its only spelling, or refuse it (RELIABILITY 4, point 1)."""
        try:
            address = httpx.URL(url)
            address = address.copy_with(host=normalise_host(address.host))
        except (httpx.InvalidURL, HostRefused, ValueError) as error:
            raise EgressRefused(f"an address we do not call: {type(error).__name__}") from None
        schemes = {"https", "http"} if allow_http else {"https"}
        if address.scheme not in schemes or address.userinfo or len(url) > MAX_URL:
            raise EgressRefused(f"{address.host}: only plain https addresses are called")
        if _port(address) not in self._ports:
            raise EgressRefused(f"{address.host}: this port is not called")
        return address.copy_merge_params(params) if params else address

    def _route(
        self, address: httpx.URL
    ) -> tuple[httpcore.AsyncConnectionPool, httpx.URL, str | None]:
        target = self.host_table.resolve(str(address))
        if target.forwarded_host is None:
            return self._public, address, None
        return self._simulated, httpx.URL(target.url), target.forwarded_host


class _Call:
    """One exchange: notes whether bytes left, and turns every failure into one of ours."""

    def __init__(self, method: str, host: str) -> None:
        self._name = f"{method} {host}"
        self._left = False

    async def run(
        self,
        pool: httpcore.AsyncConnectionPool,
        outgoing: httpx.Request,
        *,
        timeout_s: float,
        max_bytes: int,
    ) -> EgressResponse:
        try:
            async with asyncio.timeout(timeout_s):
                return await self._exchange(pool, outgoing, timeout_s, max_bytes)
        except AddressRefused as error:
            raise EgressRefused(f"{self._name}: {error}") from None
        except (BodyTooLarge, BodyUnreadable) as error:
            raise AnswerRefused(f"{self._name}: {error}") from None
        except httpcore.LocalProtocolError:
            raise EgressRefused(f"{self._name}: not a well-formed request") from None
        except (
            TimeoutError,
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
        ) as error:
            failure = MaybeSent if self._left else NotSent
            raise failure(f"{self._name}: {type(error).__name__}") from None

    async def _exchange(
        self,
        pool: httpcore.AsyncConnectionPool,
        outgoing: httpx.Request,
        timeout_s: float,
        max_bytes: int,
    ) -> EgressResponse:
        limits = {
            "connect": min(CONNECT_S, timeout_s),
            "read": timeout_s,
            "write": timeout_s,
            "pool": timeout_s,
        }
        if not isinstance(outgoing.stream, AsyncIterable):
            raise TypeError("A body is bytes or an asynchronous iterator.")
        request = httpcore.Request(
            outgoing.method,
            _core_url(outgoing.url),
            headers=outgoing.headers.raw,
            content=outgoing.stream,
            extensions={"timeout": limits, "trace": self._trace},
        )
        answer = await pool.handle_async_request(request)
        try:
            headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in answer.headers}
            if not isinstance(answer.stream, AsyncIterable):
                raise TypeError("The pool is asynchronous.")
            encoding = headers.get("content-encoding", "")
            body = await read_capped(answer.stream, encoding, max_bytes)
        finally:
            with contextlib.suppress(httpcore.NetworkError):
                await answer.aclose()
        return EgressResponse(status=answer.status, headers=headers, content=body)

    async def _trace(self, event: str, _info: Mapping[str, Any]) -> None:
        if event.endswith(_LEFT):
            self._left = True


def _pool(backend: httpcore.AsyncNetworkBackend) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        max_connections=_POOL_SIZE,
        max_keepalive_connections=_POOL_SIZE,
        keepalive_expiry=_IDLE_S,
        retries=0,
        network_backend=backend,
    )


def _encode(
    method: str,
    url: httpx.URL,
    headers: Mapping[str, str],
    *,
    form: Mapping[str, str] | None,
    json: Any,
    content: bytes | AsyncIterator[bytes] | None,
    files: Mapping[str, FilePart] | None,
) -> httpx.Request:
    """Use httpx for what it is best at: encoding a body and its headers."""
    parts = {n: (p.filename, p.content, p.content_type) for n, p in (files or {}).items()}
    try:
        return httpx.Request(
            method,
            url,
            headers=dict(headers),
            data=dict(form) if form else None,
            json=json,
            content=content,
            files=parts or None,
        )
    except (httpx.InvalidURL, UnicodeEncodeError) as error:
        raise EgressRefused(f"{method} {url.host}: {type(error).__name__}") from None


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _port(url: httpx.URL) -> int:
    return url.port or _DEFAULT_PORTS.get(url.scheme, 0)
