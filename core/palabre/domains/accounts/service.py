"""Connecting accounts, keeping them working, letting them go: what other rooms may call."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from palabre.db.door import Tx
from palabre.domains.accounts import attempts, hooks, rows, views
from palabre.domains.accounts.attempts import acting, cancel, scope_of
from palabre.domains.accounts.choosing import choose
from palabre.domains.accounts.connecting import (
    Leaving,
    Returned,
    begin,
    come_back,
    leave,
    recognise_browser,
)
from palabre.domains.accounts.faults import ErrorNote, note, plugin_name, stored
from palabre.domains.accounts.health import check, disconnect, mark, works
from palabre.domains.accounts.hooks import held_counts, on_connected, on_lost
from palabre.domains.accounts.rows import CHECK, USABLE, ref_of
from palabre.domains.accounts.tokens import AccountTokens, renew
from palabre.domains.accounts.views import Account, Attempt, AttemptFacts, Choice, public_link
from palabre.domains.runtime import Runtime

__all__ = [
    "CHECK",
    "USABLE",
    "Account",
    "AccountTokens",
    "Attempt",
    "AttemptFacts",
    "Choice",
    "ErrorNote",
    "Leaving",
    "Returned",
    "account_row",
    "account_rows",
    "acting",
    "attempt_facts",
    "begin",
    "cancel",
    "check",
    "choose",
    "come_back",
    "disconnect",
    "held_counts",
    "leave",
    "mark",
    "note",
    "on_connected",
    "on_lost",
    "plugin_name",
    "public_link",
    "recognise_browser",
    "ref_of",
    "renew",
    "scope_of",
    "show_account",
    "show_accounts",
    "show_attempt",
    "stored",
    "works",
]


async def account_row(tx: Tx, account_id: UUID, *, lock: bool = False) -> Row[Any]:
    """Return an account's row: state, names, adapter; tokens in it are sealed.

    Raises:
        NotFound: The scope has no such account.
    """
    return await rows.read(tx, account_id, lock=lock)


async def account_rows(tx: Tx, ids: Sequence[UUID] | None = None) -> list[Row[Any]]:
    """Return the rows of the scope's accounts, or of those among ``ids``."""
    return await rows.every(tx, ids)


async def show_account(runtime: Runtime, tx: Tx, account_id: UUID) -> Account:
    """Return one account as the actor of the scope sees it.

    Raises:
        NotFound: The scope has no such account.
    """
    row = await rows.read(tx, account_id)
    held = await hooks.count_held(tx, [account_id])
    return views.account(runtime, row, tx.scope.locale, held[account_id])


async def show_accounts(
    runtime: Runtime, tx: Tx, ids: Sequence[UUID] | None = None
) -> list[Account]:
    """Return the accounts of the scope, or those of ``ids``: what needs somebody first."""
    found = await rows.every(tx, ids)
    held = await hooks.count_held(tx, [row.id for row in found])
    return [views.account(runtime, row, tx.scope.locale, held[row.id]) for row in found]


async def show_attempt(
    runtime: Runtime, tx: Tx, attempt_id: UUID, *, locale: str | None = None
) -> Attempt:
    """Return one attempt in ``locale``, the actor's when left out.

    Raises:
        NotFound: The scope has no such attempt.
    """
    async with tx.control() as control:
        row = await attempts.read(control, attempt_id)
    platform = _platform(runtime, row.adapter)
    known = {one.remote_id: one.state for one in await rows.every(tx) if one.platform == platform}
    ids = [UUID(one) for one in row.connected]
    connected = await show_accounts(runtime, tx, ids) if ids else []
    return views.attempt(runtime, row, locale or tx.scope.locale, known, connected)


async def attempt_facts(tx: Tx, attempt_id: UUID) -> AttemptFacts:
    """Return what the connect window needs of an attempt.

    Raises:
        NotFound: The scope has no such attempt.
    """
    async with tx.control() as control:
        row = await attempts.read(control, attempt_id)
    account = await rows.read(tx, row.account_id) if row.account_id else None
    return AttemptFacts(
        id=row.id,
        state=row.state,
        locale=row.locale,
        origin=row.origin,
        channel=views.channel(row.id),
        started_by_name=row.started_by_name,
        account_name=account.name if account else "",
        account_remote_id=account.remote_id if account else "",
    )


def _platform(runtime: Runtime, adapter: str) -> str:
    found = runtime.registry.adapters["auth"].get(adapter)
    return found.platform if found else ""
