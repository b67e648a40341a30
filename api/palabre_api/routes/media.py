"""The client's files."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter
from msgspec import Meta, Struct

from palabre.base.pages import DEFAULT_LIMIT, MAX_LIMIT, Page
from palabre.domains.media import service
from palabre.domains.media.service import MAX_BYTES, Media
from palabre_api.deps import GivenRuntime, GivenScope, GivenTx, action

_PATH = "/v1/clients/{client_id:uuid}/media"
_ENVELOPE = 64 * 1024
"""Bytes of a multipart body around its file."""


class Upload(Struct, kw_only=True, forbid_unknown_fields=True):
    """A picture (JPEG, PNG, WebP or GIF, up to 25 MB) and its description."""

    file: UploadFile
    alt_text: str = ""


class MediaChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a file: its description for people who cannot see it."""

    alt_text: Annotated[str, Meta(max_length=1000)]


@post(
    _PATH,
    operation_id="uploadMedia",
    opt=action("media.edit", body="multipart"),
    status_code=201,
    request_max_body_size=MAX_BYTES + _ENVELOPE,
)
async def upload(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: MultipartBody[Upload],
) -> Media:
    """Add a picture; what it is, is decided by its content, and its metadata is removed."""
    media_id = await service.add(
        runtime, caller_scope, data.file.file, data.file.filename, data.alt_text
    )
    async with runtime.database.transaction(caller_scope) as tx:
        return await service.show(runtime, tx, media_id)


@get(_PATH, operation_id="listMedia", opt=action("media.read"))
async def list_media(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: FromQuery[str | None] = None,
) -> Page[Media]:
    """Return the files, newest first."""
    return await service.page(runtime, tx, limit, cursor)


@get(_PATH + "/{media_id:uuid}", operation_id="getMedia", opt=action("media.read"))
async def read(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    media_id: FromPath[UUID],
) -> Media:
    """Return one file."""
    return await service.show(runtime, tx, media_id)


@patch(_PATH + "/{media_id:uuid}", operation_id="editMedia", opt=action("media.edit"))
async def edit(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    media_id: FromPath[UUID],
    data: JSONBody[MediaChange],
) -> Media:
    """Change the description."""
    await service.describe(tx, media_id, data.alt_text)
    return await service.show(runtime, tx, media_id)


@delete(_PATH + "/{media_id:uuid}", operation_id="deleteMedia", opt=action("media.edit"))
async def remove(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    media_id: FromPath[UUID],
) -> None:
    """Remove a file that nothing uses."""
    await service.remove(runtime, caller_scope, media_id)


handlers = [upload, list_media, read, edit, remove]
