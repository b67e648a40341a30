"""One call to the Graph API: version, token, proof, error envelope, usage headers. No retry."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from palabre.sdk import Secret
from palabre.sdk.context import CallContext, PluginResponse
from palabre.sdk.errors import ConfigError, PluginError, Transient, UnknownOutcome
from palabre.sdk.values import FilePart
from palabre_facebook.errors import Purpose, decode_error, to_plugin_error
from palabre_facebook.settings import AppSettings

GRAPH: Final = "https://graph.facebook.com"
DIALOG: Final = "https://www.facebook.com"
USAGE_WARNING: Final = 90
"""Percent of a quota from which support should know (meta.md 0.1 rule 5)."""


def settings_of(ctx: CallContext) -> AppSettings:
    """Return the app registration.

    Raises:
        ConfigError: None is given for this client.
    """
    if not isinstance(ctx.settings, AppSettings) or not ctx.settings.app_id:
        raise ConfigError("no Facebook app is set up", user_key="app_not_set_up")
    return ctx.settings


class Graph:
    """The Graph API as seen with one token."""

    def __init__(self, ctx: CallContext, token: Secret | None) -> None:
        self._ctx = ctx
        self._settings = settings_of(ctx)
        self._token = token

    async def read(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read one object or one page of an edge."""
        return await self.call("GET", path, Purpose.READ, params=params)

    async def call(
        self,
        method: str,
        path: str,
        purpose: Purpose,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart] | None = None,
        timeout_s: float | None = None,
    ) -> dict[str, Any]:
        """Send one request and return the decoded body.

        Args:
            method: HTTP method.
            path: Below the version, or a whole address that an earlier answer gave.
            purpose: Decides what an unclear answer means, and whether repeating does harm.
            params: Query.
            form: Fields of the body.
            files: Files of the body.
            timeout_s: Longer than the default for uploads.

        Raises:
            PluginError: The class that the error table gives.
        """
        url = path if path.startswith(f"{GRAPH}/") else self._url(path)
        answer = await self._ctx.http.request(
            method,
            url,
            params={**(params or {}), **self._proof(url)} or None,
            form=form,
            files=files,
            headers=self._authorization(),
            timeout_s=timeout_s,
            repeatable=purpose is not Purpose.PUBLISH,
        )
        return self._decode(answer, purpose)

    def _url(self, path: str) -> str:
        return f"{GRAPH}/{self._settings.graph_version}/{path}"

    def _authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token.reveal()}"} if self._token else {}

    def _proof(self, url: str) -> dict[str, str]:
        """Return ``appsecret_proof`` (meta.md 1.4): shows that we hold the app's secret."""
        if self._token is None or "appsecret_proof=" in url:
            return {}
        key = self._settings.app_secret.reveal().encode()
        digest = hmac.new(key, self._token.reveal().encode(), hashlib.sha256)
        return {"appsecret_proof": digest.hexdigest()}

    def _decode(self, answer: PluginResponse, purpose: Purpose) -> dict[str, Any]:
        usage, regain_s = read_usage(answer.headers)
        if usage >= USAGE_WARNING:
            self._ctx.log.warning("facebook_usage_high", percent=usage, regain_s=regain_s)
        try:
            body = answer.json()
        except ValueError:
            body = None
        error = decode_error(body)
        if error is not None:
            now = self._ctx.clock.now()
            raise to_plugin_error(
                error, status=answer.status, purpose=purpose, now=now, regain_s=regain_s
            )
        if body is True:  # older versions answer a bare true (meta.md 3.6)
            return {"success": True}
        if not isinstance(body, dict) or answer.status != 200:  # noqa: PLR2004
            raise _unreadable(answer.status, purpose)
        return body


def _unreadable(status: int, purpose: Purpose) -> PluginError:
    """Judge an answer without envelope: Meta sometimes sends HTML with a 5xx (meta.md 13)."""
    internal = f"no Graph answer in HTTP {status}"
    return UnknownOutcome(internal) if purpose is Purpose.PUBLISH else Transient(internal)


def read_usage(headers: Mapping[str, str]) -> tuple[int, float]:
    """Return the highest percentage of any quota, and seconds until access returns (2.5)."""
    rows: list[Any] = [_loads(headers.get(name)) for name in ("x-app-usage", "x-page-usage")]
    for entries in _loads(headers.get("x-business-use-case-usage")).values():
        rows += entries if isinstance(entries, list) else []
    highest, regain_min = 0.0, 0.0
    for row in rows:
        if isinstance(row, dict):
            numbers = {name: value for name, value in row.items() if isinstance(value, int | float)}
            regain_min = max(regain_min, numbers.pop("estimated_time_to_regain_access", 0))
            highest = max([highest, *numbers.values()])
    return int(highest), regain_min * 60.0


def _loads(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
