"""Pieces of content."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType

from palabre.base.pages import DEFAULT_LIMIT, MAX_LIMIT, Page
from palabre.domains.content import service
from palabre.domains.content.service import Piece
from palabre_api.changes import given
from palabre_api.deps import GivenRuntime, GivenTx, action

_PATH = "/v1/clients/{client_id:uuid}/pieces"


class NewPiece(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece to write; a draft may be empty. Files in the order they are shown."""

    text: str
    link: str | None = None
    brand_id: UUID | None = None
    media_ids: list[UUID] = []


class PieceChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a piece. ``version``: the one the change was made from."""

    version: int
    text: str | UnsetType = UNSET
    link: str | UnsetType | None = UNSET
    brand_id: UUID | UnsetType | None = UNSET
    media_ids: list[UUID] | UnsetType = UNSET


@post(_PATH, operation_id="createPiece", opt=action("pieces.edit"), status_code=201)
async def write(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: JSONBody[NewPiece],
) -> Piece:
    """Write a piece."""
    piece_id = await service.write(
        tx, text=data.text, link=data.link, brand_id=data.brand_id, media_ids=data.media_ids
    )
    return await service.show(runtime, tx, piece_id)


@get(_PATH, operation_id="listPieces", opt=action("pieces.read"))
async def list_pieces(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
    cursor: FromQuery[str | None] = None,
) -> Page[Piece]:
    """Return the pieces, newest first."""
    return await service.page(runtime, tx, limit, cursor)


@get(_PATH + "/{piece_id:uuid}", operation_id="getPiece", opt=action("pieces.read"))
async def read(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    piece_id: FromPath[UUID],
) -> Piece:
    """Return one piece."""
    return await service.show(runtime, tx, piece_id)


@patch(_PATH + "/{piece_id:uuid}", operation_id="editPiece", opt=action("pieces.edit"))
async def edit(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    piece_id: FromPath[UUID],
    data: JSONBody[PieceChange],
) -> Piece:
    """Change a piece; publications scheduled before keep what they froze."""
    changes = given(data)
    await service.change(tx, piece_id, changes.pop("version"), **changes)
    return await service.show(runtime, tx, piece_id)


@delete(_PATH + "/{piece_id:uuid}", operation_id="deletePiece", opt=action("pieces.edit"))
async def remove(
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    piece_id: FromPath[UUID],
) -> None:
    """Remove a piece that was never scheduled."""
    await service.remove(tx, piece_id)


handlers = [write, list_pieces, read, edit, remove]
