"""Reading a body holds no more than its cap, whatever the compressed bytes promise."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest

from palabre.net.bodies import BodyTooLarge, BodyUnreadable, read_capped


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("identity", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)],
)
async def test_body_up_to_the_cap_is_whole(encoding: str, pack: object, size: int) -> None:
    text = bytes(range(256)) * 4
    packed = pack(text)  # type: ignore[operator]  # parametrised callable

    assert await read_capped(pieces(packed, size), encoding, len(text)) == text
    with pytest.raises(BodyTooLarge):
        await read_capped(pieces(packed, size), encoding, len(text) - 1)


async def test_bomb_is_not_unpacked_in_memory() -> None:
    bomb = gzip.compress(b"\0" * 60_000_000)
    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        await read_capped(pieces(bomb, 1 << 16), "gzip", 100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 1_000_000


async def test_broken_and_unasked_encodings_are_refused() -> None:
    with pytest.raises(BodyUnreadable):
        await read_capped(pieces(b"not gzip", 4), "gzip", 100)
    with pytest.raises(BodyUnreadable):
        await read_capped(pieces(b"x", 4), "br", 100)
