"""The three levels of a plugin's settings as they are stored: plain values and sealed secrets."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import fields
from sqlalchemy import Row, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.enabling.tables import agency_plugins, client_plugins
from palabre.domains.runtime import Runtime
from palabre.plugins import settings as plugin_settings
from palabre.sdk import Secret
from palabre.vault.vault import Vault

LevelName = Literal["agency", "client"]
_TABLES: dict[LevelName, Table] = {"agency": agency_plugins, "client": client_plugins}


class Level(Struct, frozen=True, kw_only=True):
    """What one level holds for a plugin. Secrets are open: never let this out as it is."""

    values: dict[str, Any] = {}
    secrets: dict[str, Secret] = {}
    secret_times: dict[str, str] = {}

    @property
    def together(self) -> dict[str, Any]:
        """Plain values and secrets by field."""
        return {**self.values, **self.secrets}


def names(kind: type[Struct]) -> list[str]:
    """Return the fields of a plugin's settings."""
    return [item.encode_name for item in fields(kind)]


async def read(tx: Tx, vault: Vault, name: LevelName, plugin: str) -> Level:
    """Return one level as stored; the scope is that of the level."""
    return await opened(tx, vault, name, await row_of(tx, name, plugin))


async def row_of(tx: Tx, name: LevelName, plugin: str, *, lock: bool = False) -> Row[Any] | None:
    """Return the stored row of a level, None before anything was set.

    Args:
        tx: With the scope of the level.
        name: Which level.
        plugin: Plugin key.
        lock: Whether it will be changed: others wait, so that no field is lost.
    """
    table = _TABLES[name]
    query = select(table).where(tx.here(table), table.c.plugin == plugin)
    return await tx.first(query.with_for_update() if lock else query)


async def opened(tx: Tx, vault: Vault, name: LevelName, row: Row[Any] | None) -> Level:
    """Return the level of a stored row with its secrets open."""
    if row is None:
        return Level()
    secrets: dict[str, Secret] = {}
    if row.secrets:
        sealed = await vault.open(tx, _TABLES[name].name, "secrets", row.id, row.secrets)
        texts = msgspec.json.decode(sealed.reveal(), type=dict[str, str])
        secrets = {field: Secret(text) for field, text in texts.items()}
    return Level(values=row.settings, secrets=secrets, secret_times=row.secret_times)


async def write(
    tx: Tx,
    vault: Vault,
    name: LevelName,
    plugin: str,
    kind: type[Struct],
    change: dict[str, Any],
    now: datetime,
    **more: Any,
) -> None:
    """Change fields of a level: None removes one, absent leaves it. Secrets go to the vault.

    Raises:
        Invalid: A field is unknown or has a value of the wrong kind.
    """
    plugin_settings.check_level(kind, change)
    row = await row_of(tx, name, plugin, lock=True)
    before = await opened(tx, vault, name, row)
    after = _changed(before, kind, change, now)
    row_id = row.id if row is not None else new_id()
    sealed = None
    if after.secrets:
        texts = {field: secret.reveal() for field, secret in after.secrets.items()}
        plain = Secret(msgspec.json.encode(texts).decode())
        sealed = await vault.seal(tx, _TABLES[name].name, "secrets", row_id, plain)
    await store(
        tx,
        name,
        plugin,
        row_id,
        settings=after.values,
        secrets=sealed,
        secret_times=after.secret_times,
        **more,
    )


async def store(tx: Tx, name: LevelName, plugin: str, row_id: UUID, **values: Any) -> None:
    """Insert or change the row of a level."""
    table = _TABLES[name]
    keys: dict[str, Any] = {"agency_id": tx.scope.agency_id, "plugin": plugin}
    if name == "client":
        keys["client_id"] = tx.scope.client_id
    statement = insert(table).values(**keys, id=row_id, **values)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=list(keys), set_={**values, "updated_at": func.now()}
        )
    )


async def merged(runtime: Runtime, agency_id: UUID, client_id: UUID, plugin: str) -> dict[str, Any]:
    """Return the settings of all levels joined, secrets open."""
    client = Scope.of_client(agency_id, client_id)
    async with runtime.database.control(client) as tx:
        narrow = await read(tx, runtime.vault, "client", plugin)
    async with runtime.database.transaction(Scope.of_agency(agency_id)) as tx:
        wide = await read(tx, runtime.vault, "agency", plugin)
    installation = runtime.settings.plugin_fields.get(plugin, {})
    return plugin_settings.merge(installation, wide.together, narrow.together)


def _changed(before: Level, kind: type[Struct], change: dict[str, Any], now: datetime) -> Level:
    plain, secret = plugin_settings.split_secrets(kind, change)
    secret_names = plugin_settings.secret_fields(kind)
    removed = {name for name, value in change.items() if value is None}
    times = {name: at for name, at in before.secret_times.items() if name not in removed}
    times |= {name: now.isoformat().replace("+00:00", "Z") for name in secret}
    values = {name: value for name, value in before.values.items() if name not in removed}
    values |= {name: value for name, value in plain.items() if value is not None}
    kept = {name: value for name, value in before.secrets.items() if name not in removed}
    return Level(
        values={name: value for name, value in values.items() if name not in secret_names},
        secrets={**kept, **secret},
        secret_times=times,
    )
