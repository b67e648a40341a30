"""What other domains do when an account comes or goes; filled once by ``palabre.start``.

Accounts cannot call publishing (publishing calls accounts): it leaves its functions here.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from palabre.db.door import Tx

AccountHook = Callable[[Tx, UUID], Awaitable[None]]
Counter = Callable[[Tx, Sequence[UUID]], Awaitable[dict[UUID, int]]]

on_connected: list[AccountHook] = []
"""Called in the transaction that made an account usable (again): held publications go on."""
on_lost: list[AccountHook] = []
"""Called in the transaction in which an account stopped being usable: publications are held."""
held_counts: list[Counter] = []
"""Say how many publications wait for each of the accounts; accounts without any are left out."""


async def tell(hooks: list[AccountHook], tx: Tx, account_id: UUID) -> None:
    """Call every hook of a list in turn."""
    for hook in hooks:
        await hook(tx, account_id)


async def count_held(tx: Tx, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many publications wait for each account; none is left out."""
    held = dict.fromkeys(account_ids, 0)
    for counter in held_counts:
        for account_id, number in (await counter(tx, account_ids)).items():
            held[account_id] += number
    return held
