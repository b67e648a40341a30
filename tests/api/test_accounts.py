# ruff: noqa: F811  (fixtures are imported by name and used as arguments)
"""Accounts over the API: listed, checked, reconnected, let go."""

from typing import Any

import pytest

from palabre.audit.read import entries
from palabre.domains.runtime import Runtime
from palabre.sdk.connect import AccountHealth
from palabre.sdk.errors import AuthRevoked, ConfigError, Transient
from tests.support.api import Api, World, assert_error, check_doors, scope_of
from tests.support.connecting import Desk, app, board, desk, registry  # noqa: F401  # fixtures
from tests.support.testing_plugin import Board

pytestmark = pytest.mark.both_homes


async def audited(runtime: Runtime, world: World, prefix: str = "account.") -> list[Any]:
    async with runtime.database.transaction(await scope_of(world)) as tx:
        found = await entries(tx, client_id=world.client_id)
    return [entry for entry in found if entry.action.startswith(prefix)]


async def test_every_role_reads_accounts(api: Api, world: World) -> None:
    await check_doors(api, world, "GET", "/accounts")
    viewer = await api.as_(world.viewer)
    assert (await viewer.get(f"{world.path}/accounts")).json() == {"items": [], "next_cursor": None}


async def test_checking_needs_an_editor_and_letting_go_an_admin(
    api: Api,
    world: World,
    desk: Desk,
) -> None:
    (account,) = await desk.connect("p1")
    path = f"/accounts/{account['id']}"
    await check_doors(api, world, "GET", path)
    await check_doors(api, world, "POST", f"{path}/check", refused="viewer")
    await check_doors(api, world, "DELETE", path, refused="editor")


async def test_a_connected_account_is_complete_and_audited_once(
    desk: Desk,
    world: World,
    runtime: Runtime,
) -> None:
    one, two = await desk.connect("p1", "p2")
    assert (one["name"], one["username"], one["followers"]) == ("Page Teranga", "teranga", 1200)
    assert (one["state"], one["last_error"], one["held"]) == ("active", None, 0)
    assert (one["platform"], one["platform_name"]) == ("board", "Notice board")
    assert one["scopes"] == ["post"]
    assert one["expires_at"] is None, "the grant renews itself"
    found = await audited(runtime, world)
    assert sorted((entry.action, str(entry.target_id)) for entry in found) == sorted(
        ("account.connect", account["id"]) for account in (one, two)
    )
    assert {entry.actor_name for entry in found} == {world.admin.name}


async def test_reconnecting_keeps_the_account_and_renews_it(
    desk: Desk,
    board: Board,
    world: World,
    runtime: Runtime,
) -> None:
    (first,) = await desk.connect("p1")
    board.fails["check"] = AuthRevoked("withdrawn")
    path = f"{desk.path}/accounts/{first['id']}"
    lost = (await desk.api.post(f"{path}/check")).json()
    assert (lost["state"], lost["last_error"]["code"]) == ("needs_reconnect", "auth_revoked")
    assert lost["last_error"]["message"]
    board.fails.clear()
    (again,) = await desk.connect("p1")
    assert again["id"] == first["id"]
    assert (again["state"], again["last_error"]) == ("active", None)
    assert len((await desk.api.get(f"{desk.path}/accounts")).json()["items"]) == 1
    actions = [entry.action for entry in await audited(runtime, world)]
    assert sorted(actions) == ["account.access_lost", "account.connect", "account.connect"]


async def test_a_check_brings_what_the_platform_knows(desk: Desk, board: Board) -> None:
    (account,) = await desk.connect("p1")
    board.health = AccountHealth(ok=True, name="Page Teranga Foods", followers=9)
    answer = await desk.api.post(f"{desk.path}/accounts/{account['id']}/check")
    assert (answer.json()["name"], answer.json()["followers"]) == ("Page Teranga Foods", 9)


async def test_missing_permissions_need_reconnecting(desk: Desk, board: Board) -> None:
    (account,) = await desk.connect("p1")
    board.health = AccountHealth(ok=False, missing_scopes=("post",))
    answer = await desk.api.post(f"{desk.path}/accounts/{account['id']}/check")
    assert answer.json()["state"] == "needs_reconnect"
    assert answer.json()["last_error"]["code"] == "permission_missing"


async def test_a_platform_that_is_away_changes_nothing(desk: Desk, board: Board) -> None:
    (account,) = await desk.connect("p1")
    path = f"{desk.path}/accounts/{account['id']}"
    board.fails["check"] = Transient("down")
    assert_error(await desk.api.post(f"{path}/check"), 503, "platform_unreachable")
    assert (await desk.api.get(path)).json()["state"] == "active"


async def test_a_wrong_setting_is_shown_and_the_account_stays(desk: Desk, board: Board) -> None:
    (account,) = await desk.connect("p1")
    board.fails["check"] = ConfigError("app secret canary")
    found = (await desk.api.post(f"{desk.path}/accounts/{account['id']}/check")).json()
    assert (found["state"], found["last_error"]["code"]) == ("active", "config_error")
    assert "canary" not in found["last_error"]["message"]


async def test_the_last_account_of_a_consent_withdraws_it(
    desk: Desk,
    board: Board,
    world: World,
    runtime: Runtime,
) -> None:
    one, two = await desk.connect("p1", "p2")
    assert (await desk.api.delete(f"{desk.path}/accounts/{one['id']}")).status_code == 204
    assert board.revoked == [], "the other account still lives on this consent"
    assert (await desk.api.delete(f"{desk.path}/accounts/{two['id']}")).status_code == 204
    assert board.revoked == [board.access]
    answer = await desk.api.delete(f"{desk.path}/accounts/{two['id']}")
    assert_error(answer, 409, "account_disconnected")
    answer = await desk.api.post(f"{desk.path}/accounts/{two['id']}/check")
    assert_error(answer, 409, "account_disconnected")
    found = await audited(runtime, world, "account.disconnect")
    assert sorted(entry.details["revoked"] for entry in found) == [False, True]


async def test_a_consent_another_client_uses_is_not_withdrawn(
    desk: Desk,
    board: Board,
    world: World,
    api: Api,
) -> None:
    (account,) = await desk.connect("p1")
    owner = await api.as_(world.owner)
    neighbour = Desk(desk.app, owner, world.neighbour_id)
    await neighbour.enable()
    (other,) = await neighbour.connect("p1")
    assert other["id"] != account["id"]
    assert (await desk.api.delete(f"{desk.path}/accounts/{account['id']}")).status_code == 204
    assert board.revoked == []
    assert (await owner.delete(f"{neighbour.path}/accounts/{other['id']}")).status_code == 204
    assert len(board.revoked) == 1


async def test_a_failing_withdrawal_does_not_keep_the_account(desk: Desk, board: Board) -> None:
    (account,) = await desk.connect("p1")
    board.fails["revoke"] = Transient("down")
    path = f"{desk.path}/accounts/{account['id']}"
    assert (await desk.api.delete(path)).status_code == 204
    assert (await desk.api.get(path)).json()["state"] == "disconnected"


async def test_what_needs_somebody_comes_first(desk: Desk, board: Board) -> None:
    _, two = await desk.connect("p1", "p2")
    board.fails["check"] = AuthRevoked("withdrawn")
    await desk.api.post(f"{desk.path}/accounts/{two['id']}/check")
    listed = (await desk.api.get(f"{desk.path}/accounts")).json()["items"]
    assert listed[0]["id"] == two["id"]
