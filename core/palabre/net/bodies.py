"""Reading an answer without trusting it: a cap on the bytes after decompression."""

import zlib
from collections.abc import AsyncIterable
from typing import Final, Protocol

ACCEPTED_ENCODINGS: Final = "gzip"
_GZIP_OR_ZLIB: Final = 47
"""``wbits`` that recognises both headers."""


class BodyTooLarge(Exception):
    """The answer is larger than allowed; reading stopped there."""


class BodyUnreadable(Exception):
    """The answer is compressed in a way we did not ask for, or broken."""


class _Decoder(Protocol):
    def feed(self, data: bytes, room: int) -> bytes:
        """Return the plain bytes of ``data``, never more than ``room + 1``."""
        ...


class _Plain:
    def feed(self, data: bytes, room: int) -> bytes:
        return data[: room + 1]


class _Inflate:
    def __init__(self) -> None:
        self._state = zlib.decompressobj(_GZIP_OR_ZLIB)

    def feed(self, data: bytes, room: int) -> bytes:
        try:
            return self._state.decompress(data, room + 1)
        except zlib.error as error:
            raise BodyUnreadable("the compressed answer is broken") from error


async def read_capped(chunks: AsyncIterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """Return the decompressed body.

    Raises:
        BodyTooLarge: It has more than ``max_bytes`` bytes; no more than that was ever held.
        BodyUnreadable: The encoding is not one we asked for, or the data is broken.
    """
    decoder = _decoder(encoding)
    body = bytearray()
    async for chunk in chunks:
        body += decoder.feed(chunk, max_bytes - len(body))
        if len(body) > max_bytes:
            raise BodyTooLarge(f"more than {max_bytes} bytes")
    return bytes(body)


def _decoder(encoding: str) -> _Decoder:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Inflate()
        case other:
            raise BodyUnreadable(f"unasked encoding {other[:40]!r}")
