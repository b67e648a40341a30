"""Identifiers: UUIDv7 made here, so that a row has its id before it is stored."""

import os
import time
from uuid import UUID

_RANDOM_BITS = 74


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 bits of randomness."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") & ((1 << _RANDOM_BITS) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
