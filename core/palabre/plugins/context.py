"""The context of one call, made of services that the process fills in when it starts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog
from msgspec import Struct

from palabre.base.clock import Clock
from palabre.plugins.redaction import redact, secrets_in
from palabre.plugins.registry import Registry
from palabre.sdk import MediaRef, Secret
from palabre.sdk.connect import AccessToken, AccountRef
from palabre.sdk.context import MediaReader, PluginHttp, PluginLog, PluginState


class Subject(Struct, frozen=True, kw_only=True):
    """Whom a call is for: the client, and the thing whose state it may keep.

    ``fence`` is that of the claimed work: an older claim can no longer write the state.
    """

    agency_id: UUID
    client_id: UUID
    kind: str = "client"
    id: UUID | None = None
    fence: int = 0


class TokenSource(Protocol):
    """Gives tokens that outlive a call, refreshing the grant when needed."""

    async def token(self, subject: Subject, account: AccountRef, until: datetime) -> AccessToken:
        """Return a token for ``account`` that works until ``until``."""
        ...


class MediaSource(Protocol):
    """Opens files of the library."""

    async def open(self, subject: Subject, ref: MediaRef) -> MediaReader:
        """Return a reader of one file of the client."""
        ...


class StateStore(Protocol):
    """Keeps the small texts of plugins, per plugin and subject."""

    async def get(self, subject: Subject, plugin: str, key: str) -> str | None:
        """Return the text, None if there is none."""
        ...

    async def put(self, subject: Subject, plugin: str, key: str, value: str) -> None:
        """Store the text in a transaction of its own, if the fence still holds."""
        ...


class SettingsSource(Protocol):
    """Reads the merged settings of a plugin for a client."""

    async def settings(self, subject: Subject, plugin: str) -> Struct | None:
        """Return the decoded ``app_settings``, None if the plugin declares none."""
        ...


class HttpFactory(Protocol):
    """Makes the way out for one call: ``palabre.net.plugin_http.http_for`` bound to an egress."""

    def __call__(
        self,
        plugin_key: str,
        allowed_hosts: Sequence[str],
        account_hosts: Sequence[str] = (),
        *,
        deadline: datetime | None = None,
    ) -> PluginHttp:
        """Return a client that reaches the declared hosts only."""
        ...


class CallLog:
    """The log of one call: bound to plugin and client, known secrets taken out of texts."""

    def __init__(self, logger: Any, secrets: list[Secret]) -> None:
        self._logger = logger
        self._secrets = secrets

    def info(self, event: str, **fields: Any) -> None:
        """Note what happened."""
        self._logger.info(self._clean(event), **self._clean_all(fields))

    def warning(self, event: str, **fields: Any) -> None:
        """Note what somebody should look at."""
        self._logger.warning(self._clean(event), **self._clean_all(fields))

    def _clean(self, text: str) -> str:
        return redact(text, self._secrets)

    def _clean_all(self, fields: dict[str, Any]) -> dict[str, Any]:
        plain = (int, float, bool, type(None))
        return {
            name: value if isinstance(value, plain) else self._clean(str(value))
            for name, value in fields.items()
        }


class CallState:
    """The state of the call's subject, in the plugin's own corner."""

    def __init__(self, store: StateStore, subject: Subject, plugin: str) -> None:
        self._store = store
        self._subject = subject
        self._plugin = plugin

    async def get(self, key: str) -> str | None:
        """Return the text under ``key``, None if there is none."""
        return await self._store.get(self._subject, self._plugin, key)

    async def put(self, key: str, value: str) -> None:
        """Store ``value`` at once, in a transaction of its own.

        Raises:
            ValueError: It is longer than 8,000 characters.
        """
        if len(value) > 8000:  # noqa: PLR2004  # the contract's number
            raise ValueError("A plugin's state holds at most 8,000 characters")
        await self._store.put(self._subject, self._plugin, key, value)


class Services(Struct, frozen=True, kw_only=True):
    """What contexts are made of; filled in by the process when it starts."""

    tokens: TokenSource
    media: MediaSource
    state: StateStore
    settings: SettingsSource
    http: HttpFactory
    clock: Clock


class Context:
    """Everything of one client for one call; fulfils ``palabre.sdk.context.CallContext``."""

    def __init__(
        self,
        services: Services,
        *,
        plugin: str,
        subject: Subject,
        account: AccountRef | None,
        locale: str,
        deadline: datetime,
        idempotency_key: str,
        settings: Any,
        http: PluginHttp,
    ) -> None:
        self._services = services
        self._subject = subject
        self.client_id = str(subject.client_id)
        self.account = account
        self.locale = locale
        self.deadline = deadline
        self.idempotency_key = idempotency_key
        self.settings = settings
        self.http = http
        self.clock = services.clock
        self.handed_out: list[Secret] = list(secrets_in(settings))
        """Secrets the adapter was given, taken out of whatever it logs or raises."""
        self.state: PluginState = CallState(services.state, subject, plugin)
        logger = structlog.get_logger("palabre.plugin").bind(plugin=plugin, client=self.client_id)
        self.log: PluginLog = CallLog(logger, self.handed_out)

    async def token(self) -> AccessToken:
        """Return a token for ``account``, refreshed when it would not outlive the call.

        Raises:
            RuntimeError: The call has no account.
        """
        if self.account is None:
            raise RuntimeError("This call has no account, so there is no token")
        token = await self._services.tokens.token(self._subject, self.account, self.deadline)
        self.handed_out.append(token.secret)
        return token

    async def media(self, ref: MediaRef) -> MediaReader:
        """Open a file of the publication."""
        return await self._services.media.open(self._subject, ref)


class ContextMaker:
    """Makes the context of a call for an adapter of the registry."""

    def __init__(self, registry: Registry, services: Services) -> None:
        self._registry = registry
        self._services = services

    async def make(
        self,
        adapter_key: str,
        subject: Subject,
        *,
        seconds: float,
        account: AccountRef | None = None,
        locale: str = "en",
        idempotency_key: str = "",
    ) -> Context:
        """Return a context for one call; reads the plugin's settings, so no transaction is open.

        Args:
            adapter_key: The adapter that will be called.
            subject: The client and the thing whose state the adapter may keep.
            seconds: Time the call may take, waiting for its turn included.
            account: The account it acts on. Its ``extra["host"]`` is what the word ``account``
                among the manifest's hosts allows.
            locale: Language of texts the adapter asks people for.
            idempotency_key: Stable over all attempts of the same operation.

        Raises:
            NotEnabled: The plugin is not active in this process.
            Invalid: Its settings are incomplete.
        """
        plugin = adapter_key.partition(".")[0]
        manifest = self._registry.manifest(plugin)
        host = account.extra.get("host") if account else None
        deadline = self._services.clock.now() + timedelta(seconds=seconds)
        return Context(
            self._services,
            plugin=plugin,
            subject=subject,
            account=account,
            locale=locale,
            deadline=deadline,
            idempotency_key=idempotency_key,
            settings=await self._services.settings.settings(subject, plugin),
            http=self._services.http(
                plugin, manifest.allowed_hosts, (host,) if host else (), deadline=deadline
            ),
        )
