"""Anchors as files: one per day in a folder, only ever appended to."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palabre.audit.anchors import Anchorer
from palabre.base.settings import Settings
from palabre.db.door import Database


class AnchorFiles:
    """``{folder}/{yyyymmdd}.jsonl``, readable by the owner of the process only.

    Copies of the folder belong where the database's administrator cannot write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Enter as the only writer of this machine; False when another process is one."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)

    def newest(self) -> bytes | None:
        """Return the newest whole line, None when there is none yet."""
        for file in sorted(self._folder.glob("*.jsonl"), reverse=True):
            lines = _lines(file)
            if lines:
                return lines[-1]
        return None

    def day(self, day: str) -> list[bytes]:
        """Return the whole lines of a day, oldest first."""
        file = self._folder / f"{day}.jsonl"
        return _lines(file) if file.exists() else []

    def append(self, day: str, line: bytes) -> None:
        """Add a line to a day; it is on the disk on return.

        Raises:
            OSError: The disk is full or not writable.
        """
        path = self._folder / f"{day}.jsonl"
        torn = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        file = os.open(path, flags, 0o600)
        try:
            whole = (b"\n" if torn else b"") + line + b"\n"
            if os.write(file, whole) != len(whole):
                raise OSError("an anchor was not written whole")
            os.fsync(file)
        finally:
            os.close(file)
        self._sync_folder()

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _lines(file: Path) -> list[bytes]:
    """Return whole lines: what a crash tore stays in the file and counts for nothing."""
    lines = file.read_bytes().split(b"\n")
    return [line for line in lines if line.startswith(b"{") and line.endswith(b"}")]


def anchorer_of(database: Database, settings: Settings) -> Anchorer:
    """Return what anchors the chains of ``database`` in the state folder of this machine.

    A client's own database has a log of its own, in a folder named as the database.
    """
    folder = settings.state_dir / "anchors" / database.silo
    return Anchorer(database, AnchorFiles(folder), settings.signing_key)
