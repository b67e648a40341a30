"""The audit chain of a client over HTTP."""

import pytest

from tests.support.api import Api, World, assert_error, check_doors

pytestmark = pytest.mark.both_homes


async def test_the_chain_is_read_newest_first_and_page_by_page(
    api: Api, world: World, isolation: str
) -> None:
    await check_doors(api, world, "GET", "/audit", refused="editor")
    admin = await api.as_(world.admin)
    for name in ("A", "B", "C"):
        await admin.post(f"{world.path}/brands", {"name": name})
    first = (await admin.get(f"{world.path}/audit", params={"limit": 2})).json()
    rest = (await admin.get(f"{world.path}/audit", params={"cursor": first["next_cursor"]})).json()
    together = [(item["chain"], item["n"]) for item in first["items"] + rest["items"]]
    made = ("client", 1) if isolation == "pooled" else ("control", 1)
    below = 1 if isolation == "pooled" else 0
    assert together == [*(("client", n + below) for n in (3, 2, 1)), made]
    assert rest["next_cursor"] is None
    last = rest["items"][-1]
    assert (last["action"], last["target"]["kind"]) == ("clients.create", "client")
    assert len(last["hash"]) == 64


async def test_cursor_and_limit_are_checked(api: Api, world: World) -> None:
    admin = await api.as_(world.admin)
    for params, field in (
        ({"cursor": "x"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"limit": "x"}, "limit"),
    ):
        answer = await admin.get(f"{world.path}/audit", params=params)
        assert_error(answer, 422, "invalid", field=field)
