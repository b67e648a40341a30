"""Looking for a post of our own after doubt: same Page, same content, inside the window."""

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from palabre.sdk.publish import (
    Absent,
    AttemptInfo,
    CannotTell,
    FindResult,
    Found,
    PostRequest,
    Published,
)
from palabre_facebook.graph import DIALOG, GRAPH, Graph

FIELDS: Final = "id,message,created_time,permalink_url,attachments{media_type,url}"
PER_READ: Final = "100"
MAX_READS: Final = 20
"""2,000 posts within one window: more cannot be ours, and the answer is "cannot tell"."""
SKEW: Final = timedelta(seconds=60)
"""How far Meta's clock and ours may differ."""


async def find_post(
    graph: Graph, page_id: str, post: PostRequest, attempt: AttemptInfo, now: datetime
) -> FindResult:
    """Read the Page's own posts since the send and compare.

    ``/posts`` lists what the Page itself published, so the author needs no comparison. It pages
    by time (meta.md 1.2): the window was read completely when a page comes back empty or names
    no next one.
    """
    if not normalise_text(post.text) and not post.link:
        return CannotTell(reason="a post without text and link has nothing to be recognised by")
    path = f"{page_id}/posts"
    since = attempt.sent_at - SKEW
    params: dict[str, str] | None = {
        "fields": FIELDS,
        "limit": PER_READ,
        "since": str(int(since.timestamp())),
        "until": str(int((now + SKEW).timestamp())),
    }
    matches: list[dict[str, Any]] = []
    for _ in range(MAX_READS):
        body = await graph.read(path, params)
        rows = body.get("data", [])
        matches += [row for row in rows if is_same(row, post, since)]
        following = body.get("paging", {}).get("next", "")
        if not rows or not following:
            return _verdict(matches, now)
        if not following.startswith(f"{GRAPH}/"):
            break
        path, params = following, None
    return _verdict(matches, now) if matches else CannotTell(reason="the list did not end")


def _verdict(matches: list[dict[str, Any]], now: datetime) -> FindResult:
    if not matches:
        return Absent(searched_until=now)
    earliest = min(matches, key=lambda row: str(row.get("created_time", "")))
    return Found(published=as_published(earliest))


def as_published(row: dict[str, Any]) -> Published:
    """Return a post of Graph as an outcome; the address is known even if it was not read (4.1)."""
    remote_id = str(row["id"])
    return Published(
        remote_id=remote_id,
        url=str(row.get("permalink_url") or f"{DIALOG}/{remote_id}"),
        published_at=parse_time(row.get("created_time")),
    )


def is_same(row: dict[str, Any], post: PostRequest, since: datetime) -> bool:
    """Tell whether a listed post is the one that was sent: time, text, and the link if no text."""
    created = parse_time(row.get("created_time"))
    if created is None or created < since.replace(microsecond=0):
        return False
    wanted = normalise_text(post.text)
    if normalise_text(str(row.get("message", ""))) != wanted:
        return False
    return bool(wanted) or post.link is None or _bare_link(post.link) in _links(row)


def normalise_text(text: str) -> str:
    """Return the text as it is compared: composed characters, single spaces, no edges."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def parse_time(text: Any) -> datetime | None:
    """Read ``2021-08-10T18:45:03+0000`` (meta.md 1.2)."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except ValueError:
        return None


def _links(row: dict[str, Any]) -> set[str]:
    attachments = (row.get("attachments") or {}).get("data", [])
    return {_bare_link(str(item.get("url", ""))) for item in attachments}


def _bare_link(url: str) -> str:
    """Return a link without Facebook's redirect around it and without its closing slash."""
    parts = urlsplit(url)
    if parts.path == "/l.php":
        url = parse_qs(parts.query).get("u", [url])[0]
    return url.rstrip("/")
