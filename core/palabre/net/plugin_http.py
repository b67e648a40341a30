"""The HTTP a plugin is given: its declared hosts only, failures in the words of the contract."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from palabre.net.addresses import HostRefused, normalise_host
from palabre.net.client import MAX_BYTES, TOTAL_S, Egress, EgressResponse
from palabre.net.errors import EgressRefused, MaybeSent, NotSent
from palabre.net.hosts import covers
from palabre.sdk.context import PluginHttp
from palabre.sdk.errors import ConfigError, PluginBug, Transient, UnknownOutcome
from palabre.sdk.values import FilePart

ACCOUNT_HOSTS: Final = "account"
"""Word in a manifest's ``allowed_hosts`` for the host stored with the account."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def http_for(
    egress: Egress,
    plugin_key: str,
    allowed_hosts: Sequence[str],
    account_hosts: Sequence[str] = (),
    *,
    deadline: datetime | None = None,
    max_bytes: int = MAX_BYTES,
) -> PluginHttp:
    """Return the HTTP of one plugin for one call.

    Args:
        egress: The process's client.
        plugin_key: Named in errors.
        allowed_hosts: Of the manifest: exact, ``*.suffix``, or ``account``.
        account_hosts: Hosts stored with the account, used where the manifest says ``account``.
        deadline: Nothing is sent after it and nothing is waited for beyond it.
        max_bytes: Largest answer.
    """
    hosts = [host.lower() for host in allowed_hosts if host != ACCOUNT_HOSTS]
    if ACCOUNT_HOSTS in allowed_hosts:
        hosts += [host.lower() for host in account_hosts]
    return _PluginHttp(egress, plugin_key, tuple(hosts), deadline, max_bytes)


class _PluginHttp:
    """Implements ``palabre.sdk.context.PluginHttp``."""

    def __init__(
        self,
        egress: Egress,
        plugin_key: str,
        hosts: tuple[str, ...],
        deadline: datetime | None,
        max_bytes: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._egress = egress
        self._plugin = plugin_key
        self._hosts = hosts
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._now = now

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
    ) -> EgressResponse:
        """Send one request; see ``PluginHttp.request``."""
        self._check_host(url)
        harmless = repeatable or method.upper() in SAFE_METHODS
        try:
            return await self._egress.request(
                method,
                url,
                params=params,
                form=form,
                json=json,
                content=content,
                files=files,
                headers=headers,
                timeout_s=self._time_left(timeout_s or TOTAL_S),
                max_bytes=self._max_bytes,
            )
        except EgressRefused as error:
            raise ConfigError(str(error)) from None
        except NotSent as error:
            raise Transient(str(error)) from None
        except MaybeSent as error:
            raise (Transient if harmless else UnknownOutcome)(str(error)) from None

    def _check_host(self, url: str) -> None:
        try:
            host = normalise_host(httpx.URL(url).host)
        except (httpx.InvalidURL, HostRefused):
            raise PluginBug(f"{self._plugin} calls something that is not an address") from None
        if not any(covers(pattern, host) for pattern in self._hosts):
            raise PluginBug(f"{self._plugin} does not declare the host {host}")

    def _time_left(self, wanted_s: float) -> float:
        if self._deadline is None:
            return wanted_s
        left = (self._deadline - self._now()).total_seconds()
        if left <= 0:
            raise Transient("the deadline passed before anything was sent")
        return min(wanted_s, left)
