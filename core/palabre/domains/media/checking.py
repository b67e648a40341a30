"""Has an uploaded file looked at by a process of its own, with limits of time and memory."""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from palabre.base.errors import FieldProblem, Invalid, Unavailable

PATIENCE_S: Final = 30.0
AT_ONCE: Final = 2
"""Files looked at at the same time in this process; each may need hundreds of megabytes."""
_PROGRAM: Final = "palabre.domains.media.inspecting"
_places = asyncio.Semaphore(AT_ONCE)


class Picture(Struct, frozen=True, kw_only=True):
    """What a file is by its content."""

    content_type: str
    extension: str
    width: int
    height: int


class _Refusal(Struct, frozen=True):
    refused: str


async def look_at(source: Path, target: Path, filename: str, *, afresh: bool = False) -> Picture:
    """Return what ``source`` is; ``target`` is written when it had to be cleaned, or ``afresh``.

    Raises:
        Invalid: The file breaks a rule; the problem names the file and the rule.
        Unavailable: It could not be looked at (the machine is out of memory).
    """
    async with _places:
        answer = await _run(source, target, *(["afresh"] if afresh else []))
    if answer is None:
        raise Invalid(_problem("media_broken", filename))
    with contextlib.suppress(msgspec.ValidationError):
        raise Invalid(_problem(msgspec.json.decode(answer, type=_Refusal).refused, filename))
    return msgspec.json.decode(answer, type=Picture)


async def _run(source: Path, target: Path, *more: str) -> bytes | None:
    """Return what the program printed; None when it was ended by a limit or the file broke it."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            _PROGRAM,
            str(source),
            str(target),
            *more,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
    except OSError as error:
        raise Unavailable from error
    try:
        async with asyncio.timeout(PATIENCE_S):
            printed, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed if process.returncode == 0 and printed else None


def _problem(code: str, filename: str) -> FieldProblem:
    return FieldProblem(field="file", code=code, params={"filename": filename[:120]})
