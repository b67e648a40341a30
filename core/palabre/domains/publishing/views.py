"""Publications as they go out: public state, the reason in words, and what may be done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import Row

from palabre.base.words import has, moment, say
from palabre.db.door import Tx
from palabre.domains.accounts import service as accounts
from palabre.domains.agencies import service as agencies
from palabre.domains.media import service as library
from palabre.domains.media.service import Media
from palabre.domains.publishing.machine import PublicState, public
from palabre.domains.publishing.reactions import MOST_TRIES
from palabre.domains.publishing.records import FailureRecord, Online, Who, load
from palabre.domains.runtime import Runtime

PublicationAction = Literal["cancel", "retry", "resolve"]


class ClientRef(Struct, frozen=True, kw_only=True):
    """Whose publication it is."""

    id: UUID
    name: str


class AccountRef(Struct, frozen=True, kw_only=True):
    """Where it goes."""

    id: UUID
    name: str
    platform: str
    platform_name: str
    picture_url: str
    icon: str
    colour: str


class Reason(Struct, frozen=True, kw_only=True):
    """Why it is not out: the sentence, who acts, whether it is online, when we go on."""

    code: str
    message: str
    who: Who
    online: Online
    next_at: datetime | None


class Step(Struct, frozen=True, kw_only=True):
    """One send."""

    n: int
    kind: str
    state: str
    sent_at: datetime | None
    finished_at: datetime | None
    remote_id: str | None


class Publication(Struct, frozen=True, kw_only=True):
    """A piece as frozen for one account, and what became of it."""

    id: UUID
    client: ClientRef
    piece_id: UUID
    account: AccountRef
    kind: str
    text: str
    link: str | None
    media: list[Media]
    state: PublicState
    needs_person: bool
    reason: Reason | None
    due_at: datetime
    local_time: str
    time_zone: str
    permalink: str | None
    remote_id: str | None
    published_at: datetime | None
    attempt: int
    allowed_actions: list[PublicationAction]
    created_at: datetime
    steps: list[Step] | None = None


async def show(
    runtime: Runtime, tx: Tx, rows: Sequence[Row[Any]], steps: Sequence[Row[Any]] | None = None
) -> list[Publication]:
    """Return publications with their accounts, clients and files."""
    if not rows:
        return []
    ids = {one.account_id for one in rows}
    known = {one.id: one for one in await accounts.account_rows(tx, list(ids))}
    async with tx.control() as control:
        clients = {one.id: one.name for one in await agencies.list_clients(control)}
    wanted = {UUID(one["id"]) for row in rows for one in row.content["media"]}
    files = await library.some(runtime, tx, list(wanted))
    shown_steps = None if steps is None else [_step(one) for one in steps]
    return [
        _view(runtime, row, known[row.account_id], clients, files, tx.scope.locale, shown_steps)
        for row in rows
    ]


def allowed(row: Row[Any]) -> list[PublicationAction]:
    """Return what a person may do with a publication in this state."""
    if row.state == "scheduled":
        return ["cancel"]
    if row.state == "held":
        return ["cancel", "retry"] if row.held_reason in RETRIED_BY_HAND else ["cancel"]
    if row.state == "failed":
        return ["retry"]
    return ["resolve"] if row.state == "unknown" and row.needs_person else []


RETRIED_BY_HAND = frozenset({"stale", "billing_stopped"})
"""Reasons of a hold that only a person's word ends."""


def reason(runtime: Runtime, row: Row[Any], account: Row[Any], locale: str) -> Reason | None:
    """Return why it is not out, in the reader's language; None where nothing is wrong."""
    record = load(row.failure)
    if record is None or row.state in {"published", "cancelled", "removed"}:
        return None
    return Reason(
        code=record.code,
        message=_sentence(runtime, record, row, account, locale),
        who=record.who,
        online=record.online,
        next_at=record.next_at,
    )


def _sentence(
    runtime: Runtime, record: FailureRecord, row: Row[Any], account: Row[Any], locale: str
) -> str:
    """Return the plugin's own sentence where it has one, else the one of the code."""
    registry, plugin = runtime.registry, str(account.plugin)
    name = accounts.plugin_name(registry, plugin)
    params: dict[str, object] = {
        "account": account.name,
        "plugin": name,
        "platform": name,
        "n": record.tries,
        "max": MOST_TRIES,
        "time": _time(locale, record.next_at, row.time_zone),
        **record.params,
    }
    if record.user_key and has(record.user_key, package=registry.package(plugin, record.user_key)):
        return registry.say(plugin, locale, record.user_key, params)
    return say(locale, f"plugin_error.{record.code}", params)


def _time(locale: str, at: datetime | None, time_zone: str) -> str:
    return "" if at is None else moment(locale, at.astimezone(ZoneInfo(time_zone)))


def _view(
    runtime: Runtime,
    row: Row[Any],
    account: Row[Any],
    clients: dict[UUID, str],
    files: dict[UUID, Media],
    locale: str,
    steps: list[Step] | None,
) -> Publication:
    content = row.content
    ids = [UUID(one["id"]) for one in content["media"]]
    plain = (
        "id piece_id needs_person due_at local_time time_zone remote_id published_at attempt "
        "created_at"
    )
    facts = {name: getattr(row, name) for name in plain.split()}
    return Publication(
        **facts,
        client=ClientRef(id=row.client_id, name=clients.get(row.client_id, "")),
        account=_account(runtime, account),
        kind=content["kind"],
        text=content["text"],
        link=content["link"],
        media=[files[one] for one in ids if one in files],
        state=public(row.state),
        reason=reason(runtime, row, account, locale),
        permalink=accounts.public_link(runtime.settings, row.permalink) if row.permalink else None,
        allowed_actions=allowed(row),
        steps=steps,
    )


def _account(runtime: Runtime, row: Row[Any]) -> AccountRef:
    loaded = runtime.registry.plugins.get(row.plugin)
    return AccountRef(
        id=row.id,
        name=row.name,
        platform=row.platform,
        platform_name=accounts.plugin_name(runtime.registry, row.plugin),
        picture_url=accounts.public_link(runtime.settings, row.picture_url),
        icon=loaded.manifest.icon if loaded else "",
        colour=loaded.manifest.colour if loaded else "",
    )


def _step(row: Row[Any]) -> Step:
    return Step(**{name: getattr(row, name) for name in Step.__struct_fields__})
