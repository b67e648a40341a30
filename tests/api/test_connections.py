# ruff: noqa: F811  (fixtures are imported by name and used as arguments)
"""Connect attempts over the API: who may begin, what is refused, how an attempt is followed."""

import pytest

from palabre.base.clock import MovableClock
from tests.support.api import Api, World, assert_error, check_doors
from tests.support.connecting import (  # noqa: F401  # fixtures
    ORIGIN,
    Desk,
    app,
    board,
    desk,
    registry,
)
from tests.support.testing_plugin import KEY, SQUARE, Board

ATTEMPTS = "/connections/attempts"


async def test_only_admins_of_the_client_begin(api: Api, world: World) -> None:
    await check_doors(api, world, "POST", ATTEMPTS, refused="editor", json={"adapter": KEY})


@pytest.mark.parametrize("path", ["", "/choose"])
async def test_only_admins_of_the_client_follow(
    api: Api,
    world: World,
    desk: Desk,
    path: str,
) -> None:
    begun = await desk.begin()
    method = "POST" if path else "GET"
    body = {"json": {"remote_ids": ["p1"]}} if path else {}
    await check_doors(
        api, world, method, f"{ATTEMPTS}/{begun['id']}{path}", refused="editor", **body
    )


async def test_an_attempt_of_a_neighbour_is_not_found(api: Api, world: World, desk: Desk) -> None:
    begun = await desk.begin()
    owner = await api.as_(world.owner)
    path = f"/v1/clients/{world.neighbour_id}{ATTEMPTS}/{begun['id']}"
    assert_error(await owner.get(path), 404, "not_found")


async def test_begin_refuses_what_it_does_not_know(api: Api, world: World) -> None:
    admin = await api.as_(world.admin)
    path = world.path + ATTEMPTS
    assert_error(await admin.post(path, {}), 422, "invalid", field="adapter")
    assert_error(await admin.post(path, {"adapter": KEY, "x": 1}), 422, "invalid", field="x")
    assert_error(await admin.post(path, {"adapter": "nothing"}), 404, "not_found")


async def test_a_plugin_that_is_off_names_who_can_turn_it_on(
    api: Api,
    world: World,
    board: Board,
) -> None:
    admin = await api.as_(world.admin)
    answer = await admin.post(world.path + ATTEMPTS, {"adapter": KEY})
    details = assert_error(answer, 403, "plugin_not_enabled")
    assert world.admin.name in details["admins"]
    assert world.admin.name in answer.json()["error"]["message"]


async def test_a_plugin_without_settings_says_what_is_missing(
    api: Api,
    world: World,
    board: Board,
) -> None:
    admin = await api.as_(world.admin)
    await admin.put(f"{world.path}/plugins/{KEY}", {"enabled": True})
    answer = await admin.post(world.path + ATTEMPTS, {"adapter": KEY})
    assert assert_error(answer, 409, "plugin_not_configured")["missing"] == ["app_id", "app_secret"]


async def test_an_attempt_waits_then_offers_a_choice(desk: Desk, board: Board) -> None:
    begun = await desk.begin()
    assert begun["state"] == "waiting"
    assert begun["url"] == f"{ORIGIN}/connect/{begun['id']}"
    assert begun["channel"] == f"palabre-connect-{begun['id']}"
    assert begun["choices"] == begun["accounts"] == []
    state = await desk.browser.leave(begun["id"])
    await desk.browser.come_back(state)
    attempt = await desk.attempt(begun["id"])
    assert attempt["state"] == "choosing"
    assert [one["remote_id"] for one in attempt["choices"]] == ["p1", "p2", "p3"]
    assert attempt["choices"][2]["connectable"] is False
    assert board.starts[0].redirect_uri == f"{ORIGIN}/connect/callback/{KEY}"
    assert board.callbacks[0].redirect_uri == board.starts[0].redirect_uri


async def test_the_choice_can_be_made_over_the_api(desk: Desk) -> None:
    attempt_id = await desk.to_choice()
    path = f"{desk.path}{ATTEMPTS}/{attempt_id}/choose"
    for wrong in ([], ["p3"], ["p1", "unknown"]):
        answer = await desk.api.post(path, {"remote_ids": wrong})
        assert_error(answer, 422, "invalid", field="remote_ids")
    answer = await desk.api.post(path, {"remote_ids": ["p1", "p2", "p1"]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "connected"
    assert [one["remote_id"] for one in answer.json()["accounts"]] == ["p1", "p2"]
    assert_error(await desk.api.post(path, {"remote_ids": ["p1"]}), 409, "attempt_state")


async def test_a_consent_that_reaches_nothing_says_what_is_needed(desk: Desk, board: Board) -> None:
    board.accounts = []
    attempt = await desk.attempt(await desk.to_choice())
    assert attempt["state"] == "choosing"
    assert attempt["error"]["code"] == "no_account_found"
    assert "page or channel" in attempt["error"]["message"]


async def test_a_cancelled_attempt_cannot_go_on(desk: Desk) -> None:
    attempt_id = await desk.to_choice()
    path = f"{desk.path}{ATTEMPTS}/{attempt_id}"
    assert (await desk.api.delete(path)).status_code == 204
    assert (await desk.api.delete(path)).status_code == 204
    attempt = await desk.attempt(attempt_id)
    assert (attempt["state"], attempt["choices"]) == ("cancelled", [])
    answer = await desk.api.post(f"{path}/choose", {"remote_ids": ["p1"]})
    assert_error(answer, 409, "attempt_state")


async def test_an_attempt_ends_after_ten_minutes(desk: Desk, clock: MovableClock) -> None:
    begun = await desk.begin()
    clock.advance(minutes=9)
    assert (await desk.attempt(begun["id"]))["state"] == "waiting"
    clock.advance(minutes=1, seconds=1)
    attempt = await desk.attempt(begun["id"])
    assert (attempt["state"], attempt["error"]["code"]) == ("expired", "attempt_expired")


async def test_reconnecting_needs_the_account_of_that_adapter(desk: Desk) -> None:
    (account,) = await desk.connect("p1")
    path = f"{desk.path}{ATTEMPTS}"
    answer = await desk.api.post(path, {"adapter": SQUARE, "account_id": account["id"]})
    assert_error(answer, 404, "not_found")
    again = await desk.begin(account_id=account["id"])
    assert again["state"] == "waiting"
