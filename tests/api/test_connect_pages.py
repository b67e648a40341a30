# ruff: noqa: F811  (fixtures are imported by name and used as arguments)
"""The connect window as a browser sees it: each step, and each wrong combination refused."""

import html
import re
import uuid

import httpx
import pytest

from palabre.base.clock import MovableClock
from palabre.base.words import say
from palabre.domains.runtime import Runtime
from palabre.sdk.errors import ConfigError
from tests.support.api import Api, World
from tests.support.connecting import (  # noqa: F401  # fixtures
    ORIGIN,
    Browser,
    Desk,
    app,
    board,
    desk,
    registry,
)
from tests.support.testing_plugin import KEY, SQUARE, Board


def sees(answer: httpx.Response, key: str, locale: str = "en", **params: str) -> None:
    """See a sentence on the page."""
    plain = html.unescape(re.sub(r"</?bdi>", "", answer.text))
    assert say(locale, key, params) in plain, plain


async def test_the_first_page_says_who_asks_for_what(desk: Desk, world: World) -> None:
    begun = await desk.begin()
    page = await desk.browser.get(f"/connect/{begun['id']}")
    assert page.status_code == 200
    sees(
        page,
        "connect.who",
        person=world.admin.name,
        platform="Notice board",
        client="Teranga Foods",
        agency=world.agency.name,
    )
    assert "scope.post" in page.text
    assert page.headers["content-type"].startswith("text/html")
    assert "cross-origin-opener-policy" not in page.headers
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    assert "set-cookie" not in page.headers


async def test_the_pages_speak_the_language_of_who_began(
    desk: Desk,
    api: Api,
    world: World,
) -> None:
    await desk.api.patch("/v1/me", {"locale": "fr"})
    french = Desk(desk.app, await api.as_(world.admin), world.client_id)
    begun = await french.begin()
    page = await desk.browser.get(f"/connect/{begun['id']}")
    assert '<html lang="fr">' in page.text
    sees(page, "connect.password", "fr", platform="Notice board")


async def test_continue_sets_a_short_cookie_and_leaves(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    answer = await desk.browser.post(f"/connect/{begun['id']}/continue")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://board.example/consent?state=")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("palabre_connect=")
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/", "max-age=900"))
    assert len(board.starts[0].state) >= 43
    assert len(board.starts[0].code_challenge) == 43


async def test_the_whole_way_ends_on_a_page_that_tells_its_opener(desk: Desk) -> None:
    attempt_id = await desk.to_choice()
    page = await desk.browser.get(f"/connect/{attempt_id}/choose")
    assert page.status_code == 200
    assert page.text.count('type="checkbox"') == 2
    assert "Page Closed" in page.text
    answer = await desk.browser.post(f"/connect/{attempt_id}/choose", remote_ids=["p1", "p2"])
    assert answer.headers["location"] == f"/connect/{attempt_id}/done"
    done = await desk.browser.get(f"/connect/{attempt_id}/done")
    assert f'data-channel="palabre-connect-{attempt_id}"' in done.text
    assert f'data-origin="{ORIGIN}"' in done.text
    assert 'data-close="2000"' in done.text
    assert "Teranga" not in done.text
    again = await desk.browser.get(f"/connect/{attempt_id}")
    assert again.headers["location"] == f"/connect/{attempt_id}/done"


async def test_choosing_nothing_says_so_and_keeps_the_choice(desk: Desk) -> None:
    attempt_id = await desk.to_choice()
    answer = await desk.browser.post(f"/connect/{attempt_id}/choose")
    assert answer.status_code == 422
    sees(answer, "field.choose_one")
    assert (await desk.attempt(attempt_id))["state"] == "choosing"


async def test_names_from_the_platform_are_text(desk: Desk, board: Board) -> None:
    from tests.support.testing_plugin import remote

    board.accounts = [remote("<b>", "<script>alert(1)</script>", picture_url="javascript:alert(1)")]
    attempt_id = await desk.to_choice()
    page = await desk.browser.get(f"/connect/{attempt_id}/choose")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "javascript:" not in page.text


async def refused(answer: httpx.Response, code: str, board: Board) -> None:
    """See one refusal on a page of its own; the platform was not asked for tokens."""
    assert answer.status_code == 409, answer.text
    sees(answer, f"error.{code}")
    assert "location" not in answer.headers
    assert board.calls["complete"] == 0
    assert "continue" not in answer.text


async def test_a_missing_state_is_refused(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    await desk.browser.leave(begun["id"])
    answer = await desk.browser.get(f"/connect/callback/{KEY}?code=good")
    await refused(answer, "connect_state_missing", board)


async def test_an_unknown_state_is_refused(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    for wrong in (state[:-1] + ("A" if state[-1] != "A" else "B"), "x", "a" * 3000):
        code = "connect_state_unknown" if len(wrong) < 2048 else "connect_state_missing"
        await refused(await desk.browser.come_back(wrong), code, board)


async def test_an_earlier_state_is_void_after_continue_was_pressed_again(
    desk: Desk,
    board: Board,
) -> None:
    begun = await desk.begin()
    first = await desk.browser.leave(begun["id"])
    second = await desk.browser.leave(begun["id"])
    await refused(await desk.browser.come_back(first), "connect_state_unknown", board)
    assert (await desk.browser.come_back(second)).status_code == 303


async def test_a_used_state_is_refused(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    assert (await desk.browser.come_back(state)).status_code == 303
    answer = await desk.browser.come_back(state)
    assert answer.status_code == 409
    sees(answer, "error.connect_state_used")
    assert board.calls["complete"] == 1
    assert (await desk.attempt(begun["id"]))["state"] == "choosing"


async def test_a_state_that_two_requests_bring_at_once_is_used_once(
    desk: Desk,
    board: Board,
) -> None:
    import asyncio

    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    answers = await asyncio.gather(*(desk.browser.come_back(state) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409, 409]
    assert board.calls["complete"] == 1


async def test_an_expired_state_is_refused(
    desk: Desk,
    board: Board,
    clock: MovableClock,
) -> None:
    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    clock.advance(minutes=10, seconds=1)
    await refused(await desk.browser.come_back(state), "attempt_expired", board)
    answer = await desk.browser.post(f"/connect/{begun['id']}/continue")
    assert answer.status_code == 409


async def test_another_browser_is_refused(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    stranger = Browser(desk.app)
    await refused(await stranger.come_back(state), "connect_other_browser", board)
    other = await desk.begin()
    await stranger.leave(other["id"])
    await refused(await stranger.come_back(state), "connect_other_browser", board)
    assert (await desk.browser.come_back(state)).status_code == 303


async def test_another_browser_cannot_choose(desk: Desk, board: Board) -> None:
    attempt_id = await desk.to_choice()
    stranger = Browser(desk.app)
    for answer in (
        await stranger.get(f"/connect/{attempt_id}/choose"),
        await stranger.post(f"/connect/{attempt_id}/choose", remote_ids=["p1"]),
    ):
        assert answer.status_code == 409
        sees(answer, "error.connect_other_browser")
        assert "Page Teranga" not in answer.text
    assert (await desk.attempt(attempt_id))["accounts"] == []


async def test_another_adapter_is_refused(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    for adapter in (SQUARE, "facebook", "nothing"):
        answer = await desk.browser.come_back(state, adapter=adapter)
        await refused(answer, "connect_other_adapter", board)
    assert (await desk.browser.come_back(state)).status_code == 303


async def test_a_cancelled_attempt_is_refused(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    await desk.api.delete(f"{desk.path}/connections/attempts/{begun['id']}")
    await refused(await desk.browser.come_back(state), "attempt_state", board)


async def test_forms_of_other_sites_are_refused(desk: Desk, board: Board) -> None:
    attempt_id = await desk.to_choice()
    for path in ("continue", "choose"):
        for origin in ("https://evil.example", "null", ""):
            answer = await desk.browser.post(
                f"/connect/{attempt_id}/{path}", origin=origin, remote_ids=["p1"]
            )
            assert answer.status_code == 409
            sees(answer, "error.connect_foreign_form")
    assert (await desk.attempt(attempt_id))["state"] == "choosing"


async def test_a_refused_consent_can_start_again(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    state = await desk.browser.leave(begun["id"])
    answer = await desk.browser.get(f"/connect/callback/{KEY}?error=access_denied&state={state}")
    assert answer.headers["location"] == f"/connect/{begun['id']}"
    attempt = await desk.attempt(begun["id"])
    assert (attempt["state"], attempt["error"]["code"]) == ("refused", "permission_missing")
    page = await desk.browser.get(f"/connect/{begun['id']}")
    sees(page, "connect.problem.again")
    assert attempt["error"]["message"] in html.unescape(page.text)
    again = await desk.browser.leave(begun["id"])
    assert board.starts[-1].rerequest is True
    assert (await desk.browser.come_back(again)).headers["location"].endswith("/choose")


@pytest.mark.parametrize("op", ["complete", "accounts", "start"])
async def test_a_failure_at_the_platform_is_told(desk: Desk, board: Board, op: str) -> None:
    board.fails[op] = ConfigError("secret of the app is wrong")
    begun = await desk.begin()
    answer = await desk.browser.post(f"/connect/{begun['id']}/continue")
    if op != "start":
        await desk.browser.come_back(board.starts[-1].state)
    else:
        assert answer.headers["location"] == f"/connect/{begun['id']}"
    attempt = await desk.attempt(begun["id"])
    assert (attempt["state"], attempt["error"]["code"]) == ("failed", "config_error")
    page = await desk.browser.get(f"/connect/{begun['id']}")
    assert "secret of the app" not in page.text
    sees(page, "connect.problem.title")


async def test_two_windows_of_one_browser_both_arrive(desk: Desk) -> None:
    first, second = (await desk.begin())["id"], (await desk.begin())["id"]
    states = [await desk.browser.leave(first), await desk.browser.leave(second)]
    for attempt_id, state in zip((first, second), states, strict=True):
        answer = await desk.browser.come_back(state)
        assert answer.headers["location"] == f"/connect/{attempt_id}/choose"


async def test_unknown_attempts_are_a_plain_page(desk: Desk) -> None:
    for path in (f"/connect/{uuid.uuid4()}", f"/connect/{uuid.uuid4()}/choose"):
        answer = await desk.browser.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html"), path
        sees(answer, "error.attempt_not_found")


async def test_reconnecting_says_when_the_account_is_not_there(desk: Desk, board: Board) -> None:
    (account,) = await desk.connect("p1")
    board.accounts = board.accounts[1:]
    begun = await desk.begin(account_id=account["id"])
    state = await desk.browser.leave(begun["id"])
    await desk.browser.come_back(state)
    page = await desk.browser.get(f"/connect/{begun['id']}/choose")
    sees(page, "connect.choose.wrong", account="Page Teranga", platform="Notice board")


async def test_over_https_the_cookie_is_bound_to_the_host(runtime: Runtime) -> None:
    from msgspec import structs

    from palabre_api.pages.connect import _cookie_name

    assert _cookie_name(runtime) == "palabre_connect"
    runtime.settings = structs.replace(runtime.settings, public_url="https://palabre.example")
    assert _cookie_name(runtime) == "__Host-palabre_connect"


async def test_the_script_is_served_by_us(desk: Desk) -> None:
    answer = await desk.browser.get("/connect/connect.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
