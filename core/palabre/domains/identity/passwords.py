"""Passwords: what makes one acceptable, and Argon2id in a few threads so that memory is bounded."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from palabre.base.errors import FieldProblem, Invalid

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 200
_MEMORY_KIB: Final = 19 * 1024
_ITERATIONS: Final = 2
_LANES: Final = 1
_PREFIX: Final = f"$argon2id$v=19$m={_MEMORY_KIB},t={_ITERATIONS},p={_LANES}$"
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="password")
"""Four at once: 4 x 19 MiB at most, whatever the number of sign-ins."""
_nobody: list[str] = []
"""The hash that unknown people's passwords are compared with, made once."""


def check(password: str, email: str) -> None:
    """Refuse a password that is too easy to find.

    Raises:
        Invalid: It is too short or too long, or it is the address.
    """
    if len(password) < MIN_LENGTH:
        raise Invalid(_problem("password_too_short", min=MIN_LENGTH))
    if len(password) > MAX_LENGTH:
        raise Invalid(_problem("too_long", max=MAX_LENGTH))
    if password.lower() in {email.lower(), email.partition("@")[0].lower()}:
        raise Invalid(_problem("password_is_email"))
    if len(set(password)) < MIN_LENGTH // 3:
        raise Invalid(_problem("password_repeats"))


async def hashed(password: str) -> str:
    """Return the password's Argon2id hash as an encoded text with its parameters."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hash, password)


async def matches(password: str, known: str | None) -> bool:
    """Tell whether the password is the one of ``known``; the same work where there is none."""
    if known is None and not _nobody:
        _nobody.append(await hashed(os.urandom(16).hex()))
    against = known if known is not None else _nobody[0]
    same = await asyncio.get_running_loop().run_in_executor(_threads, _same, password, against)
    return same and known is not None


def outdated(known: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return not known.startswith(_PREFIX)


def _hash(password: str) -> str:
    kdf = Argon2id(
        salt=os.urandom(16),
        length=32,
        iterations=_ITERATIONS,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
    )
    return kdf.derive_phc_encoded(password.encode())


def _same(password: str, known: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), known)
    except InvalidKey:
        return False
    return True


def _problem(code: str, **params: str | int | float) -> FieldProblem:
    return FieldProblem(field="password", code=code, params=params)
