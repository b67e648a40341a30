"""Sealed texts open in their place only, unaltered and under their own key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palabre.base.ids import new_id
from palabre.base.settings import SettingsError
from palabre.db.scope import Scope
from palabre.domains.runtime import Runtime
from palabre.sdk.values import Secret
from palabre.vault import envelope
from palabre.vault.envelope import SealBroken
from palabre.vault.master import MasterKeys, new_master_key
from tests.support.api import World, scope_of

KEY = bytes(range(32))
SEALED = envelope.seal(KEY, "k1", "table|column|a|c|r", b"the token")


def test_it_opens_where_it_was_sealed() -> None:
    assert envelope.unseal(KEY, "table|column|a|c|r", SEALED) == b"the token"


@given(st.integers(0, len(SEALED) - 1), st.characters(codec="ascii"))
def test_a_flipped_character_never_opens(place: int, character: str) -> None:
    flipped = SEALED[:place] + character + SEALED[place + 1 :]
    if flipped == SEALED:
        return
    with pytest.raises(SealBroken):
        envelope.unseal(KEY, "table|column|a|c|r", flipped)


@given(st.text(max_size=40))
def test_another_place_never_opens(place: str) -> None:
    if place == "table|column|a|c|r":
        return
    with pytest.raises(SealBroken):
        envelope.unseal(KEY, place, SEALED)


@given(st.binary(max_size=200), st.text(max_size=30))
def test_whatever_is_sealed_comes_back(plain: bytes, place: str) -> None:
    assert envelope.unseal(KEY, place, envelope.seal(KEY, "k", place, plain)) == plain


def test_other_spellings_of_the_same_bytes_are_refused() -> None:
    head, _, body = SEALED.rpartition(".")
    for other in (body + "=", body[:-1] + " " + body[-1:], body + "\n"):
        with pytest.raises(SealBroken):
            envelope.unseal(KEY, "table|column|a|c|r", f"{head}.{other}")


async def test_a_text_moved_to_another_row_column_or_client_does_not_open(
    runtime: Runtime, world: World
) -> None:
    here, row = await scope_of(world), new_id()
    neighbour = Scope.of_client(world.agency.id, world.neighbour_id)
    async with runtime.database.transaction(here) as tx:
        sealed = await runtime.vault.seal(tx, "accounts", "access_token", row, Secret("tok"))
        opened = await runtime.vault.open(tx, "accounts", "access_token", row, sealed)
        assert opened.reveal() == "tok"
        for table, column, other in (
            ("grants", "access_token", row),
            ("accounts", "refresh_token", row),
            ("accounts", "access_token", new_id()),
        ):
            with pytest.raises(SealBroken):
                await runtime.vault.open(tx, table, column, other, sealed)
    async with runtime.database.transaction(neighbour) as tx:
        with pytest.raises(SealBroken):
            await runtime.vault.open(tx, "accounts", "access_token", row, sealed)


@pytest.mark.parametrize("text", ["", "m1:short", "m1:" + "!" * 44, "noname"])
def test_unusable_master_keys_refuse_to_start(text: str) -> None:
    with pytest.raises(SettingsError):
        MasterKeys(text)


def test_a_retired_master_key_still_opens_and_an_unknown_one_does_not() -> None:
    old, new = new_master_key("old"), new_master_key("new")
    wrapped = MasterKeys(old).wrap("place", KEY)
    assert MasterKeys(f"{new},{old}").unwrap("place", wrapped) == KEY
    assert MasterKeys(f"{new},{old}").current == "new"
    with pytest.raises(SealBroken):
        MasterKeys(new).unwrap("place", wrapped)
