"""Files of the library as adapters and the content route read them."""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select

from palabre.base.errors import NotFound
from palabre.db.scope import Scope
from palabre.domains.media import links
from palabre.domains.media.tables import media
from palabre.domains.runtime import Runtime
from palabre.plugins.context import Context, Subject
from palabre.plugins.dispatch import stream
from palabre.plugins.registry import ClientView
from palabre.sdk.context import MediaReader
from palabre.sdk.errors import NotFoundRemote
from palabre.sdk.values import MediaRef

OWN_STORE: Final = "local_media"
"""Key of the store that comes with core; files go there unless a client has another."""
CALL_S: Final = 120.0


class LibraryMedia:
    """The process's source of files; fulfils ``palabre.plugins.context.MediaSource``."""

    def __init__(self, runtime: Runtime) -> None:
        """Prepare the source and tell the store on our own disk where its folder is."""
        self._runtime = runtime
        store = runtime.registry.adapters["media"].get(OWN_STORE)
        keep_in = getattr(store, "keep_in", None)
        if keep_in is not None:
            keep_in(runtime.settings.state_dir / "media")

    async def open(self, subject: Subject, ref: MediaRef) -> MediaReader:
        """Return a reader of one file of the client.

        Raises:
            NotFoundRemote: The client has no such file.
        """
        scope = Scope.of_client(subject.agency_id, subject.client_id)
        try:
            row = await find(self._runtime, scope, UUID(ref.id))
        except NotFound:
            raise NotFoundRemote(f"no file {ref.id} in the library") from None
        return LibraryReader(self._runtime, scope, row, ref)


class LibraryReader:
    """One file; fulfils ``palabre.sdk.context.MediaReader``."""

    def __init__(self, runtime: Runtime, scope: Scope, row: Row[Any], ref: MediaRef) -> None:
        self._runtime = runtime
        self._scope = scope
        self._row = row
        self.ref = ref

    async def read(self) -> bytes:
        """Return the whole file."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self, size: int = 1 << 20) -> AsyncIterator[bytes]:
        """Yield the file in pieces of at most ``size`` bytes."""
        async for chunk in read_file(self._runtime, self._scope, self._row):
            for start in range(0, len(chunk), size):
                yield chunk[start : start + size]

    async def public_url(self, ttl_s: int = 3600) -> str:
        """Return an address anybody can fetch for ``ttl_s`` seconds."""
        row = self._row
        return links.make(
            self._runtime.settings,
            row.agency_id,
            row.client_id,
            row.id,
            row.filename,
            now=self._runtime.clock.now(),
            ttl_s=ttl_s,
        )


async def find(runtime: Runtime, scope: Scope, media_id: UUID) -> Row[Any]:
    """Return the row of one file, in a transaction of its own.

    Raises:
        NotFound: The client has no such file.
    """
    async with runtime.database.transaction(scope) as tx:
        return await tx.one(select(media).where(tx.here(media), media.c.id == media_id))


async def read_file(
    runtime: Runtime, scope: Scope, row: Row[Any], start: int = 0, end: int | None = None
) -> AsyncIterator[bytes]:
    """Yield a file's bytes from ``start`` up to and without ``end``.

    Raises:
        PluginError: The store does not give the file.
    """
    view, ctx = await store_call(runtime, scope, row.store)
    chunks = stream(
        view, "media", row.store, "read", ctx, locator=row.locator, start=start, end=end
    )
    async for chunk in chunks:
        yield chunk


async def store_call(runtime: Runtime, scope: Scope, store: str) -> tuple[ClientView, Context]:
    """Return what one call of a store needs."""
    enabled = await runtime.enabled.get(scope.agency_id, scope.client_id)
    subject = Subject(agency_id=scope.agency_id, client_id=scope.client_id)
    ctx = await runtime.contexts.make(store, subject, seconds=CALL_S)
    return runtime.registry.for_client(enabled), ctx
