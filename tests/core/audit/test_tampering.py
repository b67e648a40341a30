"""Whoever can change every row of the database, with triggers off, is found out.

``AUDIT_TAMPERINGS=1000`` for the whole proof, ``AUDIT_SEED`` to repeat a run.
"""

import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from palabre.audit.anchors import Anchor
from palabre.audit.formats import Bad, anchor_text
from palabre.base.ids import new_id
from tests.core.audit.support import ANCHORED, LENGTH, Lab, Tamperer, lab
from tests.support.databases import DatabaseUrls

SEED = int(os.environ.get("AUDIT_SEED", random.SystemRandom().randrange(10**6)))
TAMPERINGS = int(os.environ.get("AUDIT_TAMPERINGS", "200"))
Found = Callable[[Bad], bool]
Attack = Callable[[Tamperer], Awaitable[Found]]


def at_entry(n: int) -> Found:
    return lambda bad: bad.n == n


def at_anchor(line: int) -> Found:
    return lambda bad: bad.where.startswith("anchors") and bad.where.endswith(f"line {line}")


FIELDS = {
    "at": "at = at + interval '1 hour'",
    "actor_kind": "actor_kind = 'agent'",
    "actor_id": "actor_id = gen_random_uuid()",
    "no actor": "actor_id = NULL, actor_kind = 'nobody'",
    "action": "action = action || 's'",
    "target_kind": "target_kind = 'client'",
    "target_id": "target_id = gen_random_uuid()",
    "details": "details = '{\"n\": 1}'",
    "space in details": "details = (details::text || ' ')::json",
    "personal_digest": "personal_digest = sha256('x')",
    "prev": "prev = sha256('x')",
    "hash": "hash = sha256('x')",
    "id": "id = gen_random_uuid()",
    "client": "client_id = gen_random_uuid()",
    "agency": "agency_id = gen_random_uuid()",
    "number": "n = n + 1000",
}


async def edit(tamperer: Tamperer) -> Found:
    n = tamperer.random.randint(1, LENGTH)
    await tamperer.edit(n, tamperer.random.choice(list(FIELDS.values())))
    return at_entry(n)


async def edit_person(tamperer: Tamperer) -> Found:
    n = tamperer.random.randint(1, LENGTH)
    column = tamperer.random.choice(["actor_name", "ip", "user_agent"])
    await tamperer.run(
        f"UPDATE audit_personal SET {column} = {column} || '1' WHERE id = "
        "(SELECT id FROM audit_entries WHERE client_id = $1 AND n = $2)",
        n,
    )
    return at_entry(n)


async def delete(tamperer: Tamperer) -> Found:
    n = tamperer.random.randint(1, LENGTH)
    await tamperer.run("DELETE FROM audit_entries WHERE client_id = $1 AND n = $2", n)
    return at_entry(n)


async def delete_and_close_the_gap(tamperer: Tamperer) -> Found:
    n = tamperer.random.randint(1, LENGTH - 1)
    await tamperer.run("DELETE FROM audit_entries WHERE client_id = $1 AND n = $2", n)
    await tamperer.renumber((i, i - 1) for i in range(n + 1, LENGTH + 1))
    await tamperer.run("UPDATE audit_heads SET n = n - 1 WHERE client_id = $1")
    return at_entry(n)


async def insert(tamperer: Tamperer) -> Found:
    """The forged entry follows well; the next one does not follow it, an anchor knows another."""
    n = tamperer.random.randint(1, LENGTH)
    await tamperer.renumber((i, i + 1) for i in range(LENGTH, n - 1, -1))
    await tamperer.run(
        "INSERT INTO audit_entries SELECT agency_id, client_id, gen_random_uuid(), $2::bigint, at, "
        "actor_kind, actor_id, action, target_kind, target_id, details, personal_digest, prev, "
        "hash FROM audit_entries WHERE client_id = $1 AND n = $2::bigint + 1",
        n,
    )
    kept = await tamperer.sql.fetch(
        "SELECT id, prev, hash FROM audit_entries WHERE client_id = $1 AND n > $2",
        tamperer.lab.client_id,
        n,
    )
    await tamperer.rechain(n)
    for row in kept:
        await tamperer.sql.execute(
            "UPDATE audit_entries SET prev = $2, hash = $3 WHERE id = $1", *row.values()
        )
    return at_entry(n if n in ANCHORED else n + 1)


async def swap(tamperer: Tamperer) -> Found:
    first, second = sorted(tamperer.random.sample(range(1, LENGTH + 1), 2))
    await tamperer.renumber([(first, second), (second, first)])
    return at_entry(first)


async def reorder(tamperer: Tamperer) -> Found:
    first = tamperer.random.randint(1, LENGTH - 3)
    last = tamperer.random.randint(first + 2, LENGTH)
    numbers = list(range(first, last + 1))
    await tamperer.renumber(zip(numbers, [*numbers[1:], first], strict=True))
    return at_entry(first)


async def cut_the_tail(tamperer: Tamperer) -> Found:
    last = tamperer.random.randint(0, ANCHORED[-1] - 1)
    await tamperer.cut(last)
    return at_entry(last + 1)


async def cut_the_tail_only(tamperer: Tamperer) -> Found:
    """Where the head was forgotten, even the newest entries are missed."""
    last = tamperer.random.randint(0, LENGTH - 1)
    await tamperer.run("DELETE FROM audit_entries WHERE client_id = $1 AND n > $2", last)
    return at_entry(last + 1)


async def make_a_new_chain(tamperer: Tamperer) -> Found:
    """What was signed at an anchor tells which stretch was rewritten."""
    n = tamperer.random.randint(1, ANCHORED[-1])
    await tamperer.edit(n, tamperer.random.choice([FIELDS["action"], FIELDS["details"]]))
    await tamperer.rechain(n)
    shown = next(anchored for anchored in ANCHORED if anchored >= n)
    since = max((anchored for anchored in ANCHORED if anchored < n), default=0) + 1
    which = "it was" if since == shown else f"something in {since} to {shown} was"
    return lambda bad: bad.n == shown and bad.why.endswith(f": {which} rewritten")


async def take_anothers_chain(tamperer: Tamperer) -> Found:
    """The neighbour's whole chain is put in the place of the client's."""
    for table in ("audit_entries", "audit_heads"):
        await tamperer.run(f"DELETE FROM {table} WHERE client_id = $1")
        await tamperer.run(
            f"UPDATE {table} SET client_id = $1 WHERE client_id = $2", tamperer.lab.neighbour_id
        )
    return at_entry(1)


async def swap_anchors(tamperer: Tamperer) -> Found:
    """The anchors that would tell are made to fit a new chain, in one way or another."""
    n = tamperer.random.randint(1, ANCHORED[-1])
    await tamperer.edit(n, FIELDS["action"])
    await tamperer.rechain(n)
    log = tamperer.lab.log
    lines = log.read_bytes().splitlines()
    number = next(i for i, anchored in enumerate(ANCHORED) if anchored >= n)
    changed, line = await _change(tamperer, lines, number)
    log.write_bytes(b"\n".join(changed) + b"\n")
    return at_anchor(line)


async def _change(t: Tamperer, lines: list[bytes], number: int) -> tuple[list[bytes], int]:
    """Return the changed log and the line where it shows, counted from 1."""
    way = t.random.choice(["forge", "sign", "other chain", "swap", "remove", "repeat"])
    if way == "swap":
        other = t.random.choice([i for i in range(len(lines)) if i != number])
        first, second = sorted([number, other])
        lines[first], lines[second] = lines[second], lines[first]
        # The first line may have anything before it, so there the second one tells.
        return lines, max(first, 1) + 1
    if way == "remove":
        number = min(max(number, 1), len(lines) - 2)
        return lines[:number] + lines[number + 1 :], number + 1
    if way == "repeat":
        return [*lines[: number + 1], *lines[number:]], number + 2
    anchor = msgspec.json.decode(lines[number], type=Anchor)
    heads = list(anchor.heads)
    mine = next(i for i, head in enumerate(heads) if head[:2] == t.lab.chain)
    if way == "other chain":
        heads[mine] = (heads[mine][0], str(new_id()), *heads[mine][2:])
    else:
        now = await t.sql.fetchval(
            "SELECT encode(hash, 'hex') FROM audit_entries WHERE client_id = $1 AND n = $2",
            t.lab.client_id,
            heads[mine][2],
        )
        heads[mine] = (*heads[mine][:3], now)
    forged = msgspec.structs.replace(anchor, heads=heads)
    if way == "sign":
        own = Ed25519PrivateKey.generate()
        signature = own.sign(anchor_text(forged.at, forged.prev, heads)).hex()
        key = t.random.choice([own.public_key().public_bytes_raw().hex(), anchor.key])
        forged = msgspec.structs.replace(forged, signature=signature, key=key)
    lines[number] = msgspec.json.encode(forged)
    return lines, number + 1


ATTACKS: list[Attack] = [
    edit,
    edit_person,
    delete,
    delete_and_close_the_gap,
    insert,
    swap,
    reorder,
    cut_the_tail,
    cut_the_tail_only,
    make_a_new_chain,
    take_anothers_chain,
    swap_anchors,
]


@pytest.fixture
async def tamperer(
    fresh_database_urls: DatabaseUrls, tmp_path: Path
) -> AsyncIterator[tuple[Lab, Tamperer]]:
    async with lab(fresh_database_urls, tmp_path / "anchors") as made:
        entered = await Tamperer.enter(made, random.Random())
        yield made, entered
        await entered.sql.close()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_every_tampering_is_found_where_it_is(
    tamperer: tuple[Lab, Tamperer], attack: Attack
) -> None:
    made, hand = tamperer
    [report] = await made.verified()
    assert (report.entries, report.anchors, report.anchored_to) == (LENGTH, 5, ANCHORED[-1])
    for number in range(-(-TAMPERINGS // len(ATTACKS))):
        hand.random = random.Random(f"{SEED} {attack.__name__} {number}")
        fits = await attack(hand)
        bad = await made.found_bad()
        assert fits(bad), f"AUDIT_SEED={SEED}, {attack.__name__} {number}: {bad}"
        await hand.put_back()
    assert await made.verified()


@pytest.mark.parametrize("attack", [cut_the_tail, make_a_new_chain, swap_anchors])
async def test_without_anchors_a_cut_end_or_a_new_chain_passes(
    tamperer: tuple[Lab, Tamperer], attack: Attack
) -> None:
    made, hand = tamperer
    hand.random = random.Random(SEED)
    await attack(hand)
    [report] = await made.verified(anchored=False)
    assert report.anchors == 0


async def test_a_chain_removed_altogether_is_missed_by_its_anchors_only(
    tamperer: tuple[Lab, Tamperer],
) -> None:
    made, hand = tamperer
    await hand.cut(0)
    assert await made.verified(anchored=False) == []
    assert (await made.found_bad()).n == 1
