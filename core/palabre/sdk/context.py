"""What an adapter is given for one call: the client's settings, HTTP, token, media, state, time.

These are protocols: core brings the implementations, tests and the conformance kit bring theirs.
An adapter keeps nothing of them between calls.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from palabre.sdk.connect import AccessToken, AccountRef
from palabre.sdk.values import FilePart, MediaRef


class PluginResponse(Protocol):
    """A finished HTTP answer, body read and capped."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Header values by lower-case name."""
        ...

    @property
    def content(self) -> bytes:
        """The body."""
        ...

    def json(self) -> Any:
        """Decode the body.

        Raises:
            ValueError: The body is not JSON.
        """
        ...


class PluginHttp(Protocol):
    """The only way out. Declared hosts only, addresses checked, time and size capped.

    Transport failures arrive as errors of the taxonomy: ``Transient`` when the request surely did
    not leave or when ``repeatable`` (GET and HEAD always are), ``UnknownOutcome`` when it may have
    been carried out. HTTP statuses are never raised: the adapter reads them.
    """

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
        timeout_s: float | None = None,
        repeatable: bool = False,
    ) -> PluginResponse:
        """Send one request, without redirect and without retry, and return its answer.

        Args:
            method: HTTP method.
            url: The platform's real https address.
            params: Query parameters; tokens belong into ``headers`` where the platform allows it.
            form: Body as ``application/x-www-form-urlencoded``, or as fields beside ``files``.
            json: Body as JSON.
            content: Raw body.
            files: Parts of a multipart body by field name.
            headers: Extra headers.
            timeout_s: Shorter or longer than the default, within the deadline of the context.
            repeatable: Carrying this request out twice does no harm.
        """
        ...


class MediaReader(Protocol):
    """One file of the library, readable and, for platforms that fetch, reachable for a while."""

    ref: MediaRef

    async def read(self) -> bytes:
        """Return the whole file (images; large files are streamed with ``chunks``)."""
        ...

    def chunks(self, size: int = 1 << 20) -> AsyncIterator[bytes]:
        """Yield the file in pieces of at most ``size`` bytes."""
        ...

    async def public_url(self, ttl_s: int = 3600) -> str:
        """Return an address anybody can fetch for ``ttl_s`` seconds."""
        ...


class PluginState(Protocol):
    """Small texts kept for the subject of the call (a publication, an account): cursors, ids."""

    async def get(self, key: str) -> str | None:
        """Return the text under ``key``, None if there is none."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Store ``value`` (at most 8,000 characters) at once, in a transaction of its own."""
        ...


class Clock(Protocol):
    """The time as core sees it; tests move it."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class PluginLog(Protocol):
    """A log bound to plugin, client and call. Values of type ``Secret`` are masked."""

    def info(self, event: str, **fields: Any) -> None:
        """Note what happened."""
        ...

    def warning(self, event: str, **fields: Any) -> None:
        """Note what somebody should look at."""
        ...


@runtime_checkable
class CallContext(Protocol):
    """Everything of one client for one call of an adapter."""

    client_id: str
    account: AccountRef | None
    locale: str
    deadline: datetime
    idempotency_key: str
    settings: Any
    """Decoded ``app_settings`` of this plugin for this client; None if it declares none."""
    http: PluginHttp
    state: PluginState
    log: PluginLog
    clock: Clock

    async def token(self) -> AccessToken:
        """Return a token for ``account``, refreshed by core when it would not outlive the call."""
        ...

    async def media(self, ref: MediaRef) -> MediaReader:
        """Open a file of the publication."""
        ...


class HostInfo(Protocol):
    """What a provider hook may know of the process that loads it."""

    environment: str
    """``demo``, ``test`` or ``production``."""
    api_version: tuple[int, int]
