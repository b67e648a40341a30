"""Commands of ``palabre audit``: export chains, sign their heads, tell the public key."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from palabre.audit.anchor_files import anchorer_of
from palabre.audit.anchors import public_key
from palabre.audit.export import export
from palabre.base.settings import Settings, SettingsError
from palabre.db.scope import Scope
from palabre.domains.runtime import Runtime
from palabre.start import open_runtime


async def write_export(
    settings: Settings, agency_id: UUID, client_id: UUID | None, path: Path
) -> int:
    """Write the chain of a client, or all chains of an agency, and return how many bytes.

    Args:
        settings: Of this process.
        agency_id: Whose chains.
        client_id: One client only.
        path: Written anew, readable by the caller only; ``-`` for standard output.
    """
    async with open_runtime(settings, role="command") as runtime:
        with _target(path) as file:
            return await _write(runtime, agency_id, client_id, file)


async def _write(runtime: Runtime, agency_id: UUID, client_id: UUID | None, file: BinaryIO) -> int:
    scope = Scope.of_client(agency_id, client_id) if client_id else Scope.of_agency(agency_id)
    parts = export(
        runtime.database,
        scope,
        client_id=client_id,
        all_chains=client_id is None,
        now=runtime.clock.now(),
    )
    return sum([file.write(part) async for part in parts])


async def write_anchor(settings: Settings) -> str:
    """Sign the heads of all chains now and say what was kept.

    Raises:
        SettingsError: The folder of anchors cannot be written, or another process is writing.
    """
    async with open_runtime(settings, role="command") as runtime:
        signed = 0
        async for database in runtime.database.each():
            try:
                anchor = await anchorer_of(database, settings).anchor(runtime.clock.now())
            except OSError as error:
                raise SettingsError(
                    f"Anchors cannot be kept: {error.strerror or error}."
                ) from error
            if anchor is None:
                raise SettingsError("Another process is anchoring right now; try again.")
            signed += len(anchor.heads)
    return f"Signed {signed} heads that moved since the last anchor."


def key(settings: Settings) -> str:
    """Return the public key of the installation's anchors."""
    return public_key(settings.signing_key)


def _target(path: Path) -> AbstractContextManager[BinaryIO]:
    if str(path) == "-":
        return nullcontext(sys.stdout.buffer)
    path.touch(mode=0o600)
    return path.open("wb")
