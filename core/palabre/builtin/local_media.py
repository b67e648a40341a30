"""The client's files on the server's own disk: a media store like any other, through the hooks."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import ClassVar, Final

from palabre.sdk import Capability, MediaStore, PluginManifest, hookimpl
from palabre.sdk.context import CallContext
from palabre.sdk.errors import ConfigError, NotFoundRemote, PluginBug
from palabre.sdk.stores import MediaMeta, StoredMedia

CHUNK: Final = 1 << 18
"""Bytes read at once."""
_PRIVATE: Final = 0o700


class LocalMedia(MediaStore):
    """Keeps files below one folder, readable by the server's user only.

    The folder belongs to the process, not to a client: it is given once, when the process starts.
    """

    key: ClassVar[str] = "local_media"
    platform: ClassVar[str] = "local"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.MEDIA_STORE})

    def __init__(self) -> None:
        self._root: Path | None = None

    def keep_in(self, folder: Path) -> None:
        """Keep the files below ``folder``; it is made when the first file arrives."""
        self._root = folder.resolve()

    async def put(
        self,
        ctx: CallContext,  # noqa: ARG002  # the contract's argument
        meta: MediaMeta,
        body: AsyncIterator[bytes],
    ) -> StoredMedia:
        """Write beside the place, then move: a reader never sees half a file."""
        place = self._place(meta.path)
        await asyncio.to_thread(_make_folders, self._base(), place.parent)
        handle, name = await asyncio.to_thread(tempfile.mkstemp, dir=place.parent, prefix=".new-")
        digest, size = hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as out:
                async for chunk in body:
                    digest.update(chunk)
                    size += len(chunk)
                    await asyncio.to_thread(out.write, chunk)
                await asyncio.to_thread(_settle, out.fileno())
            await asyncio.to_thread(Path(name).replace, place)
        except BaseException:
            _discard(name)
            raise
        return StoredMedia(locator=meta.path, size=size, sha256=digest.hexdigest())

    async def read(
        self,
        ctx: CallContext,  # noqa: ARG002  # the contract's argument
        locator: str,
        start: int = 0,
        end: int | None = None,
    ) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` up to and without ``end``.

        Raises:
            NotFoundRemote: There is no such file.
        """
        place = self._place(locator)
        try:
            source = await asyncio.to_thread(place.open, "rb")
        except FileNotFoundError:
            raise NotFoundRemote(f"no file {locator}") from None
        with source:
            source.seek(start)
            left = None if end is None else max(end - start, 0)
            while left is None or left > 0:
                wanted = CHUNK if left is None else min(CHUNK, left)
                chunk = await asyncio.to_thread(source.read, wanted)
                if not chunk:
                    return
                if left is not None:
                    left -= len(chunk)
                yield chunk

    async def delete(
        self,
        ctx: CallContext,  # noqa: ARG002  # the contract's argument
        locator: str,
    ) -> None:
        """Remove the file. Success if it is gone already."""
        place = self._place(locator)
        with contextlib.suppress(FileNotFoundError):
            await asyncio.to_thread(place.unlink)

    def _base(self) -> Path:
        if self._root is None:
            raise ConfigError("the folder for files was not given")
        return self._root

    def _place(self, path: str) -> Path:
        """Return where a path leads; core makes paths without user text, so another is a bug."""
        root = self._base()
        place = (root / path).resolve()
        if not place.is_relative_to(root) or place == root:
            raise PluginBug("a path leads out of the folder for files")
        return place


def _make_folders(root: Path, folder: Path) -> None:
    """Make the folders down to ``folder``, each for the server's user only."""
    root.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    for part in [*reversed(folder.parents), folder]:
        if part.is_relative_to(root):
            part.mkdir(exist_ok=True, mode=_PRIVATE)


def _discard(name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        Path(name).unlink()


def _settle(descriptor: int) -> None:
    """Let the bytes reach the disk before the file gets its name."""
    os.fsync(descriptor)


@hookimpl
def palabre_manifest() -> PluginManifest:
    """Return the manifest."""
    return PluginManifest(
        key="local_media",
        name="Local files",
        api=(1, 0),
        version="0.1.0",
        vendor="Palabre",
        lifecycle="production",
        capabilities=frozenset({Capability.MEDIA_STORE}),
    )


@hookimpl
def palabre_media_stores() -> Iterable[MediaStore]:
    """Return the store."""
    return [LocalMedia()]
