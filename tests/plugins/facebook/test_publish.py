"""Publishing on a Page: every kind, every fault, and what is found after doubt."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from palabre.sdk.errors import (
    AuthExpired,
    AuthRevoked,
    Duplicate,
    InvalidContent,
    PermissionMissing,
    PluginError,
    PolicyBlocked,
    RateLimited,
    Transient,
    UnknownOutcome,
    Unsupported,
)
from palabre.sdk.publish import (
    Absent,
    AttemptInfo,
    CannotTell,
    Found,
    PostRequest,
    Published,
    Ready,
)
from palabre_facebook import matching
from palabre_facebook.publisher import FacebookPages

from .support import TERANGA, Context, Facebook, photo_post, running_facebook, text_post

PUBLISHER = FacebookPages()


def attempt(ctx: Context, ago_s: float = 5) -> AttemptInfo:
    return AttemptInfo(sent_at=ctx.clock.now() - timedelta(seconds=ago_s), attempt=1)


async def found(ctx: Context, post: PostRequest) -> Published:
    result = await PUBLISHER.find(ctx, post, attempt(ctx))
    assert isinstance(result, Found), result
    return result.published


async def test_text_becomes_a_post_with_its_address(facebook: Facebook, page: Context) -> None:
    outcome = await PUBLISHER.submit(page, text_post("Thiéboudienne ce midi 🍚 <b>&"))

    assert isinstance(outcome, Published)
    assert outcome.remote_id.startswith(f"{TERANGA}_")
    assert outcome.url == f"https://www.facebook.com/{outcome.remote_id}"
    assert [post["message"] for post in await facebook.posts()] == ["Thiéboudienne ce midi 🍚 <b>&"]
    seen = await facebook.website.request("GET", outcome.url)
    assert "Thiéboudienne ce midi 🍚 &lt;b&gt;&amp;" in seen.content.decode()


async def test_link(facebook: Facebook, page: Context) -> None:
    post = PostRequest(publication_id="p", kind="link", text="Lisez", link="https://example.com/a")
    await PUBLISHER.submit(page, post)

    assert [post["link"] for post in await facebook.posts()] == ["https://example.com/a"]


async def test_one_photo_with_its_description(facebook: Facebook, page: Context) -> None:
    outcome = await PUBLISHER.submit(page, photo_post(page, "Une photo", 1))

    assert isinstance(outcome, Published)
    report = await facebook.report()
    assert [(p["alt"], p["post"]) for p in report["photos"]] == [("Photo 0", outcome.remote_id)]
    assert (await found(page, photo_post(page, "Une photo", 1))).remote_id == outcome.remote_id


async def test_photos_are_uploaded_unseen_and_shown_by_one_call(
    facebook: Facebook, page: Context
) -> None:
    post = photo_post(page, "Trois photos", 3)
    ready = await PUBLISHER.submit(page, post)

    assert isinstance(ready, Ready)
    assert await facebook.posts() == []
    outcome = await PUBLISHER.finalize(page, post, ready.handle)
    assert isinstance(outcome, Published)
    (shown,) = await facebook.posts()
    assert shown["photos"] == ready.handle.value.split(",")


async def test_interrupted_upload_continues_where_it_stopped(
    facebook: Facebook, page: Context
) -> None:
    post = photo_post(page, "Trois photos", 3)
    third = page.files.pop("m2")
    with pytest.raises(KeyError):  # the container stops before the third photo
        await PUBLISHER.submit(page, post)
    page.files = {"m2": third}
    ready = await PUBLISHER.submit(page, post)

    assert isinstance(ready, Ready)
    assert len((await facebook.report())["photos"]) == 3
    page.clock.ahead = timedelta(hours=21)  # Meta may have dropped them by then
    page.files = {f"m{n}": third for n in range(3)}
    again = await PUBLISHER.submit(page, post)
    assert isinstance(again, Ready)
    assert not set(again.handle.value.split(",")) & set(ready.handle.value.split(","))


@pytest.mark.parametrize(
    ("kind", "preset", "expected"),
    [
        ("before", "server_error", UnknownOutcome),
        ("before", "service_down", UnknownOutcome),
        ("before", "html_error", UnknownOutcome),
        ("before", "no_id", UnknownOutcome),
        ("before", "app_limit", RateLimited),
        ("before", "page_limit", RateLimited),
        ("before", "business_limit", RateLimited),
        ("before", "token_expired", AuthExpired),
        ("before", "password_changed", AuthRevoked),
        ("before", "app_removed", AuthRevoked),
        ("before", "blocked", PolicyBlocked),
        ("before", "duplicate", Duplicate),
    ],
)
async def test_fault_without_effect(
    facebook: Facebook, page: Context, kind: str, preset: str, expected: type[PluginError]
) -> None:
    await facebook.fault(kind, preset=preset)
    with pytest.raises(expected) as caught:
        await PUBLISHER.submit(page, text_post("Bonjour"))

    assert type(caught.value) is expected
    assert await facebook.posts() == []
    looked = await PUBLISHER.find(page, text_post("Bonjour"), attempt(page))
    assert isinstance(looked, Absent)
    assert looked.searched_until <= page.clock.now()


@pytest.mark.parametrize("preset", ["server_error", "html_error", "no_id"])
async def test_fault_after_the_effect_is_found(
    facebook: Facebook, page: Context, preset: str
) -> None:
    post = text_post("Bonjour,\r\n  le monde ")
    await facebook.fault("after", preset=preset)
    with pytest.raises(UnknownOutcome):
        await PUBLISHER.submit(page, post)

    (landed,) = await facebook.posts()
    published = await found(page, post)
    assert published.remote_id == landed["id"]
    assert published.url == f"https://www.facebook.com/{landed['id']}"
    assert published.published_at is not None


async def test_answer_that_never_comes_is_found(facebook: Facebook, page: Context) -> None:
    page.http = _Impatient(page.http)
    await facebook.fault("hang")
    with pytest.raises(UnknownOutcome):
        await PUBLISHER.submit(page, text_post("Bonjour"))

    assert (await found(page, text_post("Bonjour"))).remote_id


async def test_late_landing_is_absent_first_and_found_later(
    facebook: Facebook, page: Context
) -> None:
    await facebook.fault("late", preset="server_error", delay_s=0.4)
    with pytest.raises(UnknownOutcome):
        await PUBLISHER.submit(page, text_post("Bonjour"))

    assert isinstance(await PUBLISHER.find(page, text_post("Bonjour"), attempt(page)), Absent)
    await asyncio.sleep(0.6)
    assert (await found(page, text_post("Bonjour"))).remote_id


async def test_slow_answer_is_an_answer(facebook: Facebook, page: Context) -> None:
    await facebook.fault("latency", delay_s=0.3)

    assert isinstance(await PUBLISHER.submit(page, text_post("Bonjour")), Published)


async def test_lost_finalize_is_found(facebook: Facebook, page: Context) -> None:
    post = photo_post(page, "Deux photos", 2)
    ready = await PUBLISHER.submit(page, post)
    assert isinstance(ready, Ready)
    await facebook.fault("after", preset="server_error")
    with pytest.raises(UnknownOutcome):
        await PUBLISHER.finalize(page, post, ready.handle)

    assert (await found(page, post)).remote_id == (await facebook.posts())[0]["id"]


async def test_failing_upload_is_transient_because_nobody_sees_it(
    facebook: Facebook, page: Context
) -> None:
    await facebook.fault("after", path="*/photos", preset="server_error")
    with pytest.raises(Transient):
        await PUBLISHER.submit(page, photo_post(page, "Deux photos", 2))
    await facebook.fault("after", path="*/photos", preset="server_error")
    with pytest.raises(UnknownOutcome):
        await PUBLISHER.submit(page, photo_post(page, "Une photo", 1))


async def test_same_text_twice_is_refused_by_the_platform(
    facebook: Facebook, page: Context
) -> None:
    await PUBLISHER.submit(page, text_post("Bonjour"))
    with pytest.raises(Duplicate):
        await PUBLISHER.submit(page, text_post("Bonjour"))

    assert [r["result"] for r in (await facebook.report())["receipts"]][1:] == ["error 506"]


async def test_search_reads_every_page_of_the_window(
    facebook: Facebook, page: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "PER_READ", "2")
    for n in range(7):
        await PUBLISHER.submit(page, text_post(f"Post {n}"))

    assert (await found(page, text_post("Post 0"))).remote_id
    assert isinstance(await PUBLISHER.find(page, text_post("Post 8"), attempt(page)), Absent)
    monkeypatch.setattr(matching, "MAX_READS", 2)
    assert isinstance(await PUBLISHER.find(page, text_post("Post 0"), attempt(page)), CannotTell)


async def test_search_that_fails_says_nothing(facebook: Facebook, page: Context) -> None:
    await facebook.fault("before", path="*/posts", method="GET", preset="server_error")
    with pytest.raises(Transient):
        await PUBLISHER.find(page, text_post("Bonjour"), attempt(page))


async def test_older_post_with_the_same_text_is_not_ours(facebook: Facebook, page: Context) -> None:
    await PUBLISHER.submit(page, text_post("Bonjour"))
    page.clock.ahead = timedelta(minutes=10)

    assert isinstance(await PUBLISHER.find(page, text_post("Bonjour"), attempt(page)), Absent)


async def test_photos_without_text_cannot_be_recognised(page: Context) -> None:
    result = await PUBLISHER.find(page, photo_post(page, "  ", 1), attempt(page))

    assert isinstance(result, CannotTell)


async def test_link_without_text_is_recognised_by_the_link(page: Context) -> None:
    post = PostRequest(publication_id="p", kind="link", link="https://example.com/a/")
    other = PostRequest(publication_id="p", kind="link", link="https://example.com/b")
    await PUBLISHER.submit(page, post)

    assert (await found(page, post)).remote_id
    assert isinstance(await PUBLISHER.find(page, other, attempt(page)), Absent)


def test_link_is_recognised_behind_facebooks_redirect() -> None:
    link = "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa%3Fb%3D1&h=x"
    row = {
        "created_time": "2026-11-21T09:00:00+0000",
        "attachments": {"data": [{"url": link}]},
    }
    since = matching.parse_time("2026-11-21T08:00:00+0000")
    assert since is not None
    post = PostRequest(publication_id="p", kind="link", link="https://example.com/a?b=1")

    assert matching.is_same(row, post, since)
    assert not matching.is_same({**row, "created_time": "nonsense"}, post, since)
    assert not matching.is_same({**row, "created_time": "2026-11-21T07:59:59+0000"}, post, since)


async def test_delete_and_delete_again(facebook: Facebook, page: Context) -> None:
    outcome = await PUBLISHER.submit(page, text_post("Bonjour"))
    assert isinstance(outcome, Published)
    await PUBLISHER.delete(page, outcome.remote_id)
    await PUBLISHER.delete(page, outcome.remote_id)

    assert await facebook.posts() == []
    assert outcome.url is not None
    assert (await facebook.website.request("GET", outcome.url)).status == 404


@pytest.mark.parametrize("content", [b"not a picture", b"\x89PNG\r\n\x1a\n" + b"x" * 4_300_000])
async def test_picture_facebook_refuses(page: Context, content: bytes) -> None:
    post = photo_post(page, "Une photo", 1)
    page.files["m0"] = content
    with pytest.raises(InvalidContent) as caught:
        await PUBLISHER.submit(page, post)

    assert (caught.value.remote_code, caught.value.user_key) == ("100/1366046", "photo_refused")
    assert "4 MB" in str(caught.value.params["message"])


async def test_refused_link_and_marked_text(page: Context) -> None:
    bad = PostRequest(publication_id="p", kind="link", text="x", link="https://nodot")
    with pytest.raises(InvalidContent) as caught:
        await PUBLISHER.submit(page, bad)
    assert caught.value.user_key == "link_refused"
    with pytest.raises(PolicyBlocked):
        await PUBLISHER.submit(page, text_post("sim:368-1390008"))


async def test_page_without_the_right_and_page_that_is_gone(facebook: Facebook) -> None:
    reader = await facebook.page("115647382910475")
    with pytest.raises(PermissionMissing):
        await PUBLISHER.submit(reader, text_post("Bonjour"))
    lost = facebook.context((await reader.token()).secret, "999")
    with pytest.raises(PermissionMissing) as caught:
        await PUBLISHER.submit(lost, text_post("Bonjour"))
    assert caught.value.user_key == "page_unreachable"


async def test_what_was_published_survives_a_restart(tmp_path: Path) -> None:
    async with running_facebook(tmp_path) as before:
        ctx = await before.page()
        outcome = await PUBLISHER.submit(ctx, photo_post(ctx, "Une photo", 1))
    assert isinstance(outcome, Published)
    async with running_facebook(tmp_path) as after:
        seen = await after.website.request("GET", outcome.url or "")
        assert "Une photo" in seen.content.decode()
        token = (await ctx.token()).secret
        again = after.context(token, TERANGA)
        assert isinstance(await PUBLISHER.submit(again, text_post("Après")), Published)


def test_kinds_belong_to_pages() -> None:
    assert {spec.kind for spec in PUBLISHER.kinds("page")} == {"text", "link", "image", "carousel"}
    assert PUBLISHER.kinds("profile") == ()
    assert PUBLISHER.spec("carousel", "page").publishes_at == "finalize"
    with pytest.raises(Unsupported):
        PUBLISHER.spec("video", "page")


class _Impatient:
    """The same HTTP with half a second of patience."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    async def request(self, *args: object, **more: object) -> object:
        return await self._inner.request(*args, **{**more, "timeout_s": 0.5})  # type: ignore[attr-defined]
