"""Publications: checked, made, listed, decided on."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from palabre.base.errors import Invalid
from palabre.base.pages import DEFAULT_LIMIT, MAX_LIMIT, Page, PageOfAll
from palabre.db.door import Tx
from palabre.domains.publishing import service
from palabre.domains.publishing.machine import PublicState
from palabre.domains.publishing.service import Checked, Created, Finding, Publication
from palabre.domains.runtime import Runtime
from palabre_api.deps import GivenRuntime, GivenScope, GivenTx, action

_PATH = "/v1/clients/{client_id:uuid}/publications"
_ONE = _PATH + "/{publication_id:uuid}"
Accounts = Annotated[list[UUID], Meta(min_length=1, max_length=50)]
Address = Annotated[str, Meta(max_length=2000, pattern=r"^https?://\S+$")]
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT)]
StateFilter = Annotated[PublicState | None, QueryParameter(name="state")]
"""Litestar keeps the name ``state`` for itself."""


class Draft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Content to check for some accounts, before or while it is written."""

    account_ids: Accounts
    text: Annotated[str, Meta(max_length=65_000)] = ""
    link: str | None = None
    media_ids: Annotated[list[UUID], Meta(max_length=20)] = []
    publish_at: str | None = None
    time_zone: str | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """What speaks against publishing, account by account; ``time``: what is wrong with the time."""

    accounts: list[Checked]
    time: list[Finding]


class NewPublications(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Publish a piece on accounts.

    ``publish_at``: ISO 8601, local to ``time_zone`` (the client's when left out) or with an offset;
    left out: now.
    """

    piece_id: UUID
    account_ids: Accounts
    publish_at: str | None = None
    time_zone: str | None = None


class Resolution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person saw at the platform; ``url``: the address of the post."""

    online: bool
    url: Address | None = None


@post(
    _PATH + ":validate",
    operation_id="validatePublications",
    opt=action("publications.validate"),
    status_code=200,
)
async def validate(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: JSONBody[Draft],
) -> Verdict:
    """Check content against the limits of each account; nothing is stored."""
    checked = await service.validate(
        runtime,
        tx,
        text=data.text,
        link=data.link or None,
        media_ids=data.media_ids,
        account_ids=data.account_ids,
    )
    return Verdict(accounts=checked, time=await _time(runtime, tx, data))


async def _time(runtime: Runtime, tx: Tx, data: Draft) -> list[Finding]:
    try:
        await service.check_time(runtime, tx, data.publish_at, data.time_zone)
    except Invalid as error:
        locale = tx.scope.locale
        return [
            Finding(field=one.field, code=one.code, message=one.message(locale))
            for one in error.problems
        ]
    return []


@post(
    _PATH,
    operation_id="createPublications",
    opt=action("publications.create", key_required=True),
    status_code=201,
)
async def create(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: JSONBody[NewPublications],
) -> Created:
    """Publish a piece on accounts, now or at a time: all of them or none."""
    return await service.create(
        runtime,
        tx,
        piece_id=data.piece_id,
        account_ids=data.account_ids,
        publish_at=data.publish_at,
        time_zone=data.time_zone,
    )


@get(_PATH, operation_id="listPublications", opt=action("publications.read"))
async def list_of_client(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    shown: StateFilter = None,
    account_id: FromQuery[UUID | None] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: FromQuery[str | None] = None,
) -> Page[Publication]:
    """Return the client's publications, newest first."""
    return await service.page(runtime, tx, limit, cursor, state=shown, account_id=account_id)


@get("/v1/publications", operation_id="listAllPublications", opt=action("publications.list"))
async def list_of_all(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    shown: StateFilter = None,
    account_id: FromQuery[UUID | None] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: FromQuery[str | None] = None,
) -> PageOfAll[Publication]:
    """Return the publications of every client the caller may see, newest first."""
    return await service.page_of_all(
        runtime, caller_scope, limit, cursor, state=shown, account_id=account_id
    )


@get(_ONE, operation_id="getPublication", opt=action("publications.read"))
async def read(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    publication_id: FromPath[UUID],
) -> Publication:
    """Return one publication with its sends."""
    return await service.show(runtime, tx, publication_id)


@post(
    _ONE + "/cancel",
    operation_id="cancelPublication",
    opt=action("publications.decide"),
    status_code=200,
)
async def cancel(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    publication_id: FromPath[UUID],
) -> Publication:
    """Withdraw a publication that is not on its way yet."""
    return await service.cancel(runtime, tx, publication_id)


@post(
    _ONE + "/retry",
    operation_id="retryPublication",
    opt=action("publications.decide"),
    status_code=200,
)
async def retry(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    publication_id: FromPath[UUID],
) -> Publication:
    """Try a failed publication again now."""
    return await service.retry(runtime, tx, publication_id)


@post(
    _ONE + "/resolve",
    operation_id="resolvePublication",
    opt=action("publications.decide"),
    status_code=200,
)
async def resolve(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    publication_id: FromPath[UUID],
    data: JSONBody[Resolution],
) -> Publication:
    """Say whether an uncertain publication is online; if it is not, it is sent again."""
    return await service.resolve(runtime, tx, publication_id, online=data.online, url=data.url)


handlers = [validate, create, list_of_client, list_of_all, read, cancel, retry, resolve]
