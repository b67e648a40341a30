"""Attempts and accounts as they go out of the API."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from palabre.base.settings import Settings
from palabre.base.words import say
from palabre.domains.accounts import attempts
from palabre.domains.accounts.attempts import AttemptState
from palabre.domains.accounts.faults import ErrorNote, note, plugin_name
from palabre.domains.runtime import Runtime
from palabre.net.hosts import HostTable
from palabre.plugins.dispatch import consult
from palabre.sdk.errors import PluginError
from palabre.sdk.publish import KindSpec, PreviewSpec

AccountState = Literal["active", "expiring", "needs_reconnect", "revoked", "disconnected"]


class Account(Struct, frozen=True, kw_only=True):
    """A connected account: who it is, whether it works, what can be published on it."""

    id: UUID
    adapter: str
    plugin: str
    platform: str
    platform_name: str
    kind: str
    remote_id: str
    name: str
    username: str
    picture_url: str
    url: str
    followers: int | None
    state: AccountState
    last_error: ErrorNote | None
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    connected_at: datetime
    held: int
    kinds: tuple[KindSpec, ...]
    preview: PreviewSpec
    colour: str
    icon: str


class Choice(Struct, frozen=True, kw_only=True):
    """A page or channel the consent reaches; ``reason`` says why one cannot be connected."""

    remote_id: str
    name: str
    username: str
    kind: str
    picture_url: str
    url: str
    followers: int | None
    connectable: bool
    reason: str | None
    connected: bool


class Attempt(Struct, frozen=True, kw_only=True):
    """A connect attempt as the dashboard follows it."""

    id: UUID
    adapter: str
    state: AttemptState
    url: str
    expires_at: datetime
    choices: list[Choice]
    accounts: list[Account]
    error: ErrorNote | None
    channel: str


class AttemptFacts(Struct, frozen=True, kw_only=True):
    """What the connect window shows of an attempt beside its state."""

    id: UUID
    state: str
    locale: str
    origin: str
    channel: str
    started_by_name: str
    account_name: str
    account_remote_id: str
    """Name and remote id of the account to reconnect, empty for a new one."""


def account(runtime: Runtime, row: Row[Any], locale: str, held: int) -> Account:
    """Return an account as people of ``locale`` see it; links lead where a browser can go."""
    loaded = runtime.registry.plugins.get(row.plugin)
    return Account(
        id=row.id,
        adapter=row.adapter,
        plugin=row.plugin,
        platform=row.platform,
        platform_name=plugin_name(runtime.registry, row.plugin),
        kind=row.kind,
        remote_id=row.remote_id,
        name=row.name,
        username=row.username,
        picture_url=public_link(runtime.settings, row.picture_url),
        url=public_link(runtime.settings, row.url),
        followers=row.followers,
        state=row.state,
        last_error=note(runtime.registry, row.plugin, locale, row.error_code, row.error_params),
        scopes=row.scopes,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        connected_at=row.connected_at,
        held=held,
        kinds=_ask(runtime, row, "kinds", ()),
        preview=_preview(runtime, row, locale),
        colour=loaded.manifest.colour if loaded else "",
        icon=loaded.manifest.icon if loaded else "",
    )


def attempt(
    runtime: Runtime,
    row: Row[Any],
    locale: str,
    known: Mapping[str, str],
    connected: list[Account],
) -> Attempt:
    """Return an attempt.

    Args:
        runtime: The process.
        row: The attempt.
        locale: The reader's language.
        known: States of the client's accounts of the platform, by remote id.
        connected: The accounts it connected.
    """
    plugin = row.adapter.partition(".")[0]
    state = attempts.shown_state(row, runtime.clock.now())
    choices = row.choices if state == "choosing" else []
    return Attempt(
        id=row.id,
        adapter=row.adapter,
        state=state,
        url=f"{runtime.settings.public_url}/connect/{row.id}",
        expires_at=row.expires_at,
        choices=[_choice(runtime, plugin, locale, one, known) for one in choices],
        accounts=connected,
        error=_attempt_error(runtime, row, locale, state, plugin),
        channel=channel(row.id),
    )


def channel(attempt_id: UUID) -> str:
    """Return the name of the BroadcastChannel on which the end of an attempt is told."""
    return f"palabre-connect-{attempt_id}"


def public_link(settings: Settings, url: str) -> str:
    """Return the address under which a browser opens an address of a platform."""
    if not url.startswith(("http://", "https://")):
        return ""
    return _table(settings.simulated_hosts, settings.simulator_origin).public_link(url)


def _attempt_error(
    runtime: Runtime, row: Row[Any], locale: str, state: str, plugin: str
) -> ErrorNote | None:
    if state == "choosing" and not row.choices:
        name = plugin_name(runtime.registry, plugin)
        message = say(locale, "connect.none_found", {"platform": name})
        return ErrorNote(code="no_account_found", message=message)
    if state in {"expired", "cancelled"}:
        return ErrorNote(code=f"attempt_{state}", message=say(locale, f"error.attempt_{state}"))
    return note(runtime.registry, plugin, locale, row.error_code, row.error_params)


def _choice(
    runtime: Runtime, plugin: str, locale: str, one: dict[str, Any], known: Mapping[str, str]
) -> Choice:
    reason = None
    if not one["connectable"]:
        key = one["reason_key"] or "connect.not_connectable"
        reason = runtime.registry.say(plugin, locale, key)
    facts = {name: one[name] for name in ("remote_id", "name", "username", "kind", "followers")}
    return Choice(
        **facts,
        picture_url=public_link(runtime.settings, one["picture_url"]),
        url=public_link(runtime.settings, one["url"]),
        connectable=one["connectable"],
        reason=reason,
        connected=known.get(one["remote_id"], "disconnected") != "disconnected",
    )


def _preview(runtime: Runtime, row: Row[Any], locale: str) -> PreviewSpec:
    spec: PreviewSpec = _ask(runtime, row, "preview", PreviewSpec())
    words = tuple(runtime.registry.say(row.plugin, locale, key) for key in spec.actions)
    return msgspec.structs.replace(spec, actions=words)


def _ask(runtime: Runtime, row: Row[Any], op: str, otherwise: Any) -> Any:
    """Ask the publisher of the account's adapter, also while the plugin is off for the client."""
    if row.adapter not in runtime.registry.adapters["publisher"]:
        return otherwise
    view = runtime.registry.unscoped()
    try:
        return consult(view, "publisher", row.adapter, op, account_kind=row.kind)
    except PluginError:
        return otherwise


@lru_cache(maxsize=8)
def _table(text: str, origin: str) -> HostTable:
    return HostTable.parse(text, public_origin=origin)
