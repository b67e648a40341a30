"""What plugin calls are given of a client: which plugins are on, their settings, their state."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from palabre.base.ids import new_id
from palabre.db.door import Database, Tx
from palabre.db.scope import Scope
from palabre.domains.enabling import levels
from palabre.domains.enabling.tables import client_plugins, plugin_state
from palabre.domains.runtime import Runtime
from palabre.plugins import settings as plugin_settings
from palabre.plugins.context import Subject
from palabre.plugins.enabling import Loader


class FenceLost(Exception):
    """Another worker has claimed the subject since: this one may not write its state."""


def enabled_loader(database: Database) -> Loader:
    """Return what reads the keys of the plugins that are on for a client."""

    async def load(agency_id: UUID, client_id: UUID) -> frozenset[str]:
        async with database.control(Scope.of_client(agency_id, client_id)) as tx:
            rows = await tx.all(
                select(client_plugins.c.plugin).where(
                    tx.here(client_plugins), client_plugins.c.enabled
                )
            )
        return frozenset(row.plugin for row in rows)

    return load


class PluginSettings:
    """Reads the merged settings of a plugin: client over agency over installation."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def settings(self, subject: Subject, plugin: str) -> Struct | None:
        """Return the decoded settings, None if the plugin declares none.

        Raises:
            Invalid: Required fields are missing on every level.
        """
        kind = self._runtime.registry.manifest(plugin).app_settings
        if kind is None:
            return None
        merged = await levels.merged(self._runtime, subject.agency_id, subject.client_id, plugin)
        known = {name: merged[name] for name in levels.names(kind) if name in merged}
        return plugin_settings.decode(kind, known)


class PluginStates:
    """Keeps the small texts of plugins, each write in a transaction of its own."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def get(self, subject: Subject, plugin: str, key: str) -> str | None:
        """Return the text, None if there is none."""
        async with self._runtime.database.transaction(_scope(subject)) as tx:
            value = await tx.scalar(
                select(plugin_state.c.value).where(
                    tx.here(plugin_state),
                    plugin_state.c.plugin == plugin,
                    plugin_state.c.subject_kind == subject.kind,
                    plugin_state.c.subject_id == _subject_id(subject),
                    plugin_state.c.key == key,
                )
            )
        return None if value is None else str(value)

    async def put(self, subject: Subject, plugin: str, key: str, value: str) -> None:
        """Store the text, if the work is still held with the subject's fence.

        Raises:
            FenceLost: The work was claimed again since.
        """
        async with self._runtime.database.transaction(_scope(subject)) as tx:
            if subject.fence and not await _holds(tx, subject):
                raise FenceLost(f"state of {subject.kind} {subject.id}")
            await tx.execute(_upsert(tx, subject, plugin, key, value))


def _scope(subject: Subject) -> Scope:
    return Scope.of_client(subject.agency_id, subject.client_id)


def _subject_id(subject: Subject) -> UUID:
    return subject.id or subject.client_id


async def _holds(tx: Tx, subject: Subject) -> bool:
    """Lock the work of the subject, so that no newer claim starts before this write is done."""
    query = text(
        "SELECT 1 FROM work WHERE agency_id = :agency AND client_id = :client"
        " AND subject_id = :subject AND fence = :fence AND state = 'leased' FOR SHARE"
    )
    params = {
        "agency": subject.agency_id,
        "client": subject.client_id,
        "subject": _subject_id(subject),
        "fence": subject.fence,
    }
    return bool(await tx.scalar(query, params))


def _upsert(tx: Tx, subject: Subject, plugin: str, key: str, value: str) -> Any:
    return (
        insert(plugin_state)
        .values(
            agency_id=tx.scope.agency_id,
            client_id=tx.scope.client_id,
            id=new_id(),
            plugin=plugin,
            subject_kind=subject.kind,
            subject_id=_subject_id(subject),
            key=key,
            value=value,
        )
        .on_conflict_do_update(
            index_elements=[
                "agency_id",
                "client_id",
                "plugin",
                "subject_kind",
                "subject_id",
                "key",
            ],
            set_={"value": value, "updated_at": func.now()},
        )
    )
