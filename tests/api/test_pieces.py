"""Pieces over the API: written, changed by one person at a time, removed."""

import uuid

import pytest

from palabre.domains.content import service
from palabre.domains.runtime import Runtime
from tests.api.test_media import part, png
from tests.support.api import Api, World, assert_error, check_doors, scope_of


async def test_editors_write_and_everybody_reads(api: Api, world: World) -> None:
    await check_doors(api, world, "POST", "/pieces", refused="viewer", json={"text": "x"})
    await check_doors(api, world, "GET", "/pieces")
    editor = await api.as_(world.editor)
    answer = await editor.post(f"{world.path}/pieces", {"text": "Bonjour"})
    assert answer.status_code == 201, answer.text
    piece = answer.json()
    assert (piece["state"], piece["version"], piece["media"]) == ("draft", 1, [])
    path = f"/pieces/{piece['id']}"
    await check_doors(api, world, "GET", path)
    change = {"version": 1, "text": "y"}
    await check_doors(api, world, "PATCH", path, refused="viewer", json=change)
    await check_doors(api, world, "DELETE", path, refused="viewer")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x" * 65_001}, "text"),
        ({"text": "x", "link": "javascript:alert(1)"}, "link"),
        ({"text": "x", "link": "https://"}, "link"),
        ({"text": "x", "link": "https://a b"}, "link"),
        ({"text": "x", "media_ids": [str(uuid.uuid4())]}, "media_ids"),
        ({"text": "x", "media_ids": ["no id"]}, "media_ids[0]"),
        ({"text": "x", "brand_id": str(uuid.uuid4())}, "brand_id"),
        ({"text": "x", "state": "published"}, "state"),
    ],
)
async def test_fields_at_fault_are_named(
    api: Api, world: World, body: dict[str, object], field: str
) -> None:
    editor = await api.as_(world.editor)
    answer = await editor.post(f"{world.path}/pieces", body)
    assert_error(answer, 422, "invalid", field=field)


async def test_files_keep_their_order(api: Api, world: World) -> None:
    editor = await api.as_(world.editor)
    ids = [
        (await editor.call("POST", f"{world.path}/media", files=part(png()))).json()["id"]
        for _ in range(3)
    ]
    body = {"text": "", "media_ids": ids}
    piece = (await editor.post(f"{world.path}/pieces", body)).json()
    assert [one["id"] for one in piece["media"]] == ids
    path = f"{world.path}/pieces/{piece['id']}"
    turned = await editor.patch(path, {"version": 1, "media_ids": ids[::-1]})
    assert [one["id"] for one in turned.json()["media"]] == ids[::-1]
    emptied = await editor.patch(path, {"version": 2, "media_ids": []})
    assert emptied.json()["media"] == []


async def test_the_second_of_two_edits_is_refused(api: Api, world: World) -> None:
    editor = await api.as_(world.editor)
    piece = (await editor.post(f"{world.path}/pieces", {"text": "one"})).json()
    path = f"{world.path}/pieces/{piece['id']}"
    first = await editor.patch(path, {"version": 1, "text": "two", "link": "https://example.org/é"})
    assert (first.json()["version"], first.json()["text"]) == (2, "two")
    details = assert_error(
        await editor.patch(path, {"version": 1, "text": "three"}), 409, "edit_conflict"
    )
    assert details["version"] == 2
    cleared = await editor.patch(path, {"version": 2, "link": None})
    assert (cleared.json()["link"], cleared.json()["text"]) == (None, "two")


async def test_a_piece_that_was_scheduled_stays(api: Api, world: World, runtime: Runtime) -> None:
    editor = await api.as_(world.editor)
    piece = (await editor.post(f"{world.path}/pieces", {"text": "one"})).json()
    async with runtime.database.transaction(await scope_of(world)) as tx:
        await service.set_state(tx, uuid.UUID(piece["id"]), "scheduled")
    path = f"{world.path}/pieces/{piece['id']}"
    assert (await editor.get(path)).json()["state"] == "scheduled"
    assert_error(await editor.delete(path), 409, "piece_in_use")


async def test_lists_are_newest_first_and_continue(api: Api, world: World) -> None:
    editor = await api.as_(world.editor)
    path = f"{world.path}/pieces"
    ids = [(await editor.post(path, {"text": str(n)})).json()["id"] for n in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await editor.get(path, params=params)).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]
