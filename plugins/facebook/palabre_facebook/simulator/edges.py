"""Pages on the Graph API: publishing, reading, listing by time, deleting (meta.md 4)."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from palabre_facebook.simulator.answers import GraphRefusal
from palabre_facebook.simulator.people import PAGES, PEOPLE
from palabre_facebook.simulator.pictures import examine
from palabre_facebook.simulator.state import Photo, Post, Store, Token

MAX_TEXT: Final = 63_206
DUPLICATE_S: Final = 60
MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 25
PUBLISHING_TASKS: Final = {
    "CREATE_CONTENT",
    "MANAGE",
    "PROFILE_PLUS_CREATE_CONTENT",
    "PROFILE_PLUS_FULL_CONTROL",
}
_MARKER: Final = re.compile(r"\bsim:(\d+)(?:-(\d+))?\b")
"""``sim:190-463`` inside a text makes publishing fail with that code and subcode."""
_ATTACHED: Final = re.compile(r"^attached_media\[\d+\]$")


class Edges:
    """What a Page can be asked."""

    def __init__(self, store: Store) -> None:
        """Serve the Pages kept in ``store``."""
        self._store = store

    # Publishing

    def publish_feed(self, token: Token, page: str, fields: dict[str, str]) -> dict[str, Any]:
        """Answer ``POST /{page}/feed``."""
        message, link = fields.get("message", ""), fields.get("link", "")
        photos = [self._attachable(page, photo_id) for photo_id in _attached(fields)]
        self._check_publishing(token, page, message)
        if not (message or link or photos):
            raise GraphRefusal(100, "(#100) At least one of message, link or media is needed.")
        if link and not re.match(r"^https?://[^/\s]+\.[^/\s]+", link):
            raise GraphRefusal(1609005, "(#1609005) Error posting link")
        self._check_duplicate(page, message, link, photos)
        post = self._add_post(page, f"{page}_{self._store.new_id()}", message, link, photos)
        return pick(self.post_object(post), fields.get("fields", "id"))

    def publish_photo(
        self, token: Token, page: str, fields: dict[str, str], source: bytes | None
    ) -> dict[str, Any]:
        """Answer ``POST /{page}/photos``; ``url`` is refused, a stand-in fetches nothing."""
        caption = fields.get("caption") or fields.get("message", "")
        self._check_publishing(token, page, caption)
        if source is None:
            raise GraphRefusal(100, "(#100) The picture could not be fetched.", subcode=2069019)
        picture = examine(source)
        photo = Photo(
            id=self._store.new_id(),
            page=page,
            file="",
            content_type=picture.content_type,
            width=picture.width,
            height=picture.height,
            alt=fields.get("alt_text_custom", ""),
            caption=caption,
            created=int(time.time()),
        )
        photo.file = self._store.keep_picture(photo.id, source, picture.suffix)
        self._store.data.photos[photo.id] = photo
        if fields.get("published", "true").lower() == "false":
            self._store.save()
            return {"id": photo.id}
        post = self._add_post(page, f"{page}_{photo.id}", caption, "", [photo])
        return {"id": photo.id, "post_id": post.id}

    def _check_publishing(self, token: Token, page: str, text: str) -> None:
        _need_scope(token, "pages_manage_posts")
        _need_page_token(token, page)
        if not PUBLISHING_TASKS & set(PEOPLE[token.person].roles.get(page, ())):
            raise GraphRefusal(200, "(#200) You lack the task CREATE_CONTENT.", status=403)
        if len(text) > MAX_TEXT:
            raise GraphRefusal(100, "(#100) Name parameter too long")
        if marker := _MARKER.search(text):
            code, subcode = int(marker[1]), int(marker[2] or 0)
            status = 500 if code in (1, 2) else 400
            raise GraphRefusal(code, "Asked for in the text", subcode=subcode, status=status)

    def _attachable(self, page: str, photo_id: str) -> Photo:
        photo = self._store.data.photos.get(photo_id)
        if photo is None or photo.page != page or photo.post:
            raise GraphRefusal(100, f"(#100) Invalid media_fbid {photo_id}")
        return photo

    def _check_duplicate(self, page: str, message: str, link: str, photos: list[Photo]) -> None:
        since = int(time.time()) - DUPLICATE_S
        for post in self._store.posts_of(page):
            same = (post.message, post.link) == (message, link) and not photos and not post.photos
            if same and post.created >= since:
                raise GraphRefusal(506, "(#506) Duplicate status message")

    def _add_post(
        self, page: str, post_id: str, message: str, link: str, photos: list[Photo]
    ) -> Post:
        ids = [photo.id for photo in photos]
        now = int(time.time())
        post = Post(id=post_id, page=page, message=message, link=link, photos=ids, created=now)
        for photo in photos:
            photo.post = post_id
        self._store.data.posts[post_id] = post
        self._store.save()
        return post

    # Reading

    def posts(
        self, token: Token, page: str, fields: dict[str, str], version: str
    ) -> dict[str, Any]:
        """Answer ``GET /{page}/posts``: newest first, paged by time (meta.md 1.2)."""
        _need_scope(token, "pages_read_engagement")
        _need_page_token(token, page)
        since = int(fields.get("since", "0"))
        until = int(fields.get("until", str(int(time.time()) + 60)))
        limit = min(int(fields.get("limit", DEFAULT_LIMIT)), MAX_LIMIT)
        rows = [p for p in self._store.posts_of(page) if since <= p.created <= until]
        after = fields.get("__paging_token", "").removeprefix("enc_")
        ids = [post.id for post in rows]
        rows = rows[ids.index(after) + 1 if after in ids else 0 :][:limit]
        if not rows:
            return {"data": []}
        following = {
            "fields": fields.get("fields", "id"),
            "limit": str(limit),
            "since": str(since),
            "until": str(rows[-1].created),
            "__paging_token": f"enc_{rows[-1].id}",
        }
        address = f"https://graph.facebook.com/{version}/{page}/posts?{urlencode(following)}"
        wanted = fields.get("fields", "id,message,created_time")
        data = [pick(self.post_object(post), wanted) for post in rows]
        return {"data": data, "paging": {"next": address}}

    def read(self, token: Token, object_id: str, wanted: str) -> dict[str, Any]:
        """Answer ``GET /{id}`` for a Page, a post or a photo."""
        _need_scope(token, "pages_read_engagement")
        post = self._store.data.posts.get(object_id)
        photo = self._store.data.photos.get(object_id)
        if object_id in PAGES and object_id in PEOPLE[token.person].roles:
            return pick(page_object(object_id), wanted or "id,name")
        if post is not None and not post.deleted and token.page in ("", post.page):
            return pick(self.post_object(post), wanted or "id,message,created_time")
        if photo is not None and token.page in ("", photo.page):
            return pick(_photo_object(photo), wanted or "id,created_time")
        raise _gone(object_id)

    def delete(self, token: Token, object_id: str) -> dict[str, Any]:
        """Answer ``DELETE /{post}``; a second time the post does not exist."""
        _need_scope(token, "pages_manage_posts")
        photo = self._store.data.photos.get(object_id)
        post = self._store.data.posts.get(photo.post if photo else object_id)
        if post is None or post.deleted or token.page != post.page:
            raise _gone(object_id)
        post.deleted = True
        self._store.save()
        return {"success": True}

    def post_object(self, post: Post) -> dict[str, Any]:
        """Return a post with every field that can be asked for."""
        return {
            "id": post.id,
            "message": post.message,
            "created_time": graph_time(post.created),
            "permalink_url": f"https://www.facebook.com/{post.id}",
            "is_published": True,
            "attachments": {"data": self._attachments(post)},
        }

    def _attachments(self, post: Post) -> list[dict[str, Any]]:
        if post.link:
            return [{"media_type": "link", "url": post.link}]
        photos = [
            {"media_type": "photo", "url": f"https://www.facebook.com/photo/?fbid={photo_id}"}
            for photo_id in post.photos
        ]
        if len(photos) < 2:  # noqa: PLR2004 - one photo is not an album
            return photos
        return [{"media_type": "album", "subattachments": {"data": photos}}]


def page_object(page_id: str) -> dict[str, Any]:
    """Return a Page with every field that can be asked for."""
    page = PAGES[page_id]
    picture = {"url": f"https://graph.facebook.com/{page_id}/picture", "is_silhouette": False}
    return {
        "id": page.id,
        "name": page.name,
        "username": page.username,
        "category": page.category,
        "link": f"https://www.facebook.com/{page.username}",
        "followers_count": page.followers,
        "fan_count": page.followers,
        "picture": {"data": picture},
    }


def pick(whole: dict[str, Any], fields: str) -> dict[str, Any]:
    """Return ``id`` and the asked fields that have a value, as Graph leaves empty ones out."""
    names = {"id", *re.sub(r"\{[^}]*\}|\([^)]*\)|\.\w+", "", fields).split(",")}
    return {name: value for name, value in whole.items() if name in names and value not in ("", {})}


def graph_time(unix: int) -> str:
    """Write a time as Graph does: no colon in the offset."""
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%S%z")


def _photo_object(photo: Photo) -> dict[str, Any]:
    image = {"width": photo.width, "height": photo.height}
    return {
        "id": photo.id,
        "created_time": graph_time(photo.created),
        "link": f"https://www.facebook.com/photo/?fbid={photo.id}",
        "images": [{**image, "source": f"https://www.facebook.com/_pictures/{photo.file}"}],
        "page_story_id": photo.post,
    }


def _attached(fields: dict[str, str]) -> list[str]:
    """Return the ids of ``attached_media``, given one by one or as one list (meta.md 4.4)."""
    one_by_one = [value for name, value in fields.items() if _ATTACHED.match(name)]
    decode: Callable[[str], Any] = json.loads
    try:
        items = [decode(text) for text in one_by_one] or decode(fields.get("attached_media", "[]"))
        return [str(item["media_fbid"]) for item in items]
    except (ValueError, TypeError, KeyError):
        raise GraphRefusal(100, "(#100) Param attached_media must be an array.") from None


def _need_scope(token: Token, scope: str) -> None:
    if scope not in token.scopes:
        raise GraphRefusal(200, f"(#200) This needs the {scope} permission.", status=403)


def _need_page_token(token: Token, page: str) -> None:
    if page not in PAGES:
        raise _gone(page)
    if token.page != page:
        raise GraphRefusal(10, "(#10) This needs a token of the Page itself.", status=403)


def _gone(object_id: str) -> GraphRefusal:
    return GraphRefusal(
        100,
        f"Unsupported request. Object with ID '{object_id}' does not exist, cannot be loaded due "
        "to missing permissions, or does not support this operation.",
        subcode=33,
        kind="GraphMethodException",
    )
