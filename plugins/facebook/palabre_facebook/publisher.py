"""Publishing on a Page: text, link, one photo, several photos; find and delete (meta.md 4)."""

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from palabre.sdk import Capability, MediaRef, Publisher
from palabre.sdk.connect import AccountKind
from palabre.sdk.context import CallContext
from palabre.sdk.errors import (
    ConfigError,
    NotFoundRemote,
    PermissionMissing,
    UnknownOutcome,
)
from palabre.sdk.publish import (
    AttemptInfo,
    FindResult,
    Handle,
    KindSpec,
    PostRequest,
    PreviewSpec,
    Published,
    PublishOutcome,
    Ready,
)
from palabre.sdk.values import FilePart
from palabre_facebook.errors import Purpose
from palabre_facebook.graph import DIALOG, Graph
from palabre_facebook.kinds import KINDS, PREVIEW
from palabre_facebook.matching import as_published, find_post

READ_BACK: Final = {"fields": "id,permalink_url"}
"""Read-after-write: the address comes with the answer of the create call (meta.md 1.2)."""
UPLOAD_S: Final = 60.0
UPLOAD_LIFE: Final = timedelta(hours=20)
"""Unused photos are dropped after about 24 h (meta.md 4.4): older ones are sent again."""


class FacebookPages(Publisher):
    """Posts as a Page. One request makes each post visible; class D after doubt."""

    key: ClassVar[str] = "facebook"
    platform: ClassVar[str] = "facebook"
    account_kinds: ClassVar[frozenset[AccountKind]] = frozenset({"page"})
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.PUBLISH_TEXT,
            Capability.PUBLISH_LINK,
            Capability.PUBLISH_IMAGE,
            Capability.PUBLISH_CAROUSEL,
            Capability.PUBLISH_DELETE,
        }
    )

    def kinds(self, account_kind: AccountKind) -> tuple[KindSpec, ...]:
        """Return the kinds of a Page."""
        return KINDS if account_kind in self.account_kinds else ()

    def preview(self, account_kind: AccountKind) -> PreviewSpec:  # noqa: ARG002 - one preview
        """Return how a Page's post looks in the feed."""
        return PREVIEW

    async def submit(self, ctx: CallContext, post: PostRequest) -> PublishOutcome:
        """Publish, or for several photos upload each of them where nobody sees it."""
        if post.kind == "carousel":
            return await self._upload_all(ctx, post)
        if post.kind == "image":
            return await self._publish_photo(ctx, post)
        form = {"message": post.text} if post.text else {}
        if post.kind == "link" and post.link:
            form["link"] = post.link
        return await _publish(ctx, "feed", form)

    async def finalize(self, ctx: CallContext, post: PostRequest, handle: Handle) -> PublishOutcome:
        """Make the uploaded photos one visible post."""
        form = {"message": post.text} if post.text else {}
        for n, photo_id in enumerate(handle.value.split(",")):
            form[f"attached_media[{n}]"] = json.dumps({"media_fbid": photo_id})
        return await _publish(ctx, "feed", form)

    async def find(self, ctx: CallContext, post: PostRequest, attempt: AttemptInfo) -> FindResult:
        """Look for the post in the Page's list."""
        graph = Graph(ctx, (await ctx.token()).secret)
        return await find_post(graph, _page_id(ctx), post, attempt, ctx.clock.now())

    async def delete(self, ctx: CallContext, remote_id: str) -> None:
        """Remove a post; gone already is success (100/33, meta.md 4.8)."""
        graph = Graph(ctx, (await ctx.token()).secret)
        try:
            await graph.call("DELETE", remote_id, Purpose.PREPARE)
        except NotFoundRemote:
            ctx.log.info("facebook_post_gone_already")

    async def _publish_photo(self, ctx: CallContext, post: PostRequest) -> Published:
        photo = post.media[0]
        form = {"caption": post.text} if post.text else {}
        body = await _create(ctx, "photos", {**form, **_alt(photo)}, files=await _file(ctx, photo))
        remote_id = body.get("post_id") or body["id"]
        return Published(remote_id=str(remote_id), url=f"{DIALOG}/{remote_id}")

    async def _upload_all(self, ctx: CallContext, post: PostRequest) -> Ready:
        """Upload what an interrupted attempt has not uploaded yet, noting each id at once."""
        ids: list[str] = []
        for n, photo in enumerate(post.media):
            key = f"photo.{post.step}.{n}.{photo.id}"
            photo_id = _still_there(await ctx.state.get(key), ctx.clock.now())
            if photo_id is None:
                photo_id = await self._upload(ctx, photo)
                await ctx.state.put(key, f"{photo_id} {ctx.clock.now().isoformat()}")
            ids.append(photo_id)
        return Ready(handle=Handle(value=",".join(ids)))

    async def _upload(self, ctx: CallContext, photo: MediaRef) -> str:
        graph = Graph(ctx, (await ctx.token()).secret)
        body = await graph.call(
            "POST",
            f"{_page_id(ctx)}/photos",
            Purpose.PREPARE,
            form={"published": "false", **_alt(photo)},
            files=await _file(ctx, photo),
            timeout_s=UPLOAD_S,
        )
        return str(body["id"])


async def _publish(ctx: CallContext, edge: str, form: dict[str, str]) -> Published:
    return as_published(await _create(ctx, edge, form, params=READ_BACK))


async def _create(
    ctx: CallContext,
    edge: str,
    form: dict[str, str],
    *,
    params: dict[str, str] | None = None,
    files: dict[str, FilePart] | None = None,
) -> dict[str, Any]:
    """Send the one request that makes a post visible.

    Raises:
        UnknownOutcome: Also when success comes without an id: something may stand there.
        PermissionMissing: Also when the Page itself is not found (100/33): the token lost it.
    """
    graph = Graph(ctx, (await ctx.token()).secret)
    path = f"{_page_id(ctx)}/{edge}"
    try:
        body = await graph.call(
            "POST",
            path,
            Purpose.PUBLISH,
            params=params,
            form=form,
            files=files,
            timeout_s=UPLOAD_S if files else None,
        )
    except NotFoundRemote as error:
        raise PermissionMissing(
            error.internal,
            scopes=("pages_manage_posts",),
            remote_code=error.remote_code,
            remote_request_id=error.remote_request_id,
            user_key="page_unreachable",
        ) from None
    if not body.get("id"):
        raise UnknownOutcome("success without an id")
    return body


async def _file(ctx: CallContext, photo: MediaRef) -> dict[str, FilePart]:
    """Read a photo: the bytes travel with the request, so no public address is needed."""
    content = await (await ctx.media(photo)).read()
    suffix = photo.content_type.rpartition("/")[2]
    part = FilePart(filename=f"photo.{suffix}", content_type=photo.content_type, content=content)
    return {"source": part}


def _alt(photo: MediaRef) -> dict[str, str]:
    return {"alt_text_custom": photo.alt_text} if photo.alt_text else {}


def _page_id(ctx: CallContext) -> str:
    if ctx.account is None:
        raise ConfigError("publishing needs an account")
    return ctx.account.remote_id


def _still_there(note: str | None, now: datetime) -> str | None:
    """Return the photo id of an earlier upload unless Meta may have dropped it by now."""
    photo_id, _, uploaded = (note or "").partition(" ")
    if not uploaded or now - datetime.fromisoformat(uploaded) > UPLOAD_LIFE:
        return None
    return photo_id
