"""Files over the API: who may add them, how links serve them, when they can go."""

import io

from PIL import Image

from palabre.base.clock import MovableClock
from palabre.domains.media import service
from tests.support.api import Api, World, assert_error, check_doors


def png(size: tuple[int, int] = (8, 6)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "PNG")
    return out.getvalue()


def part(body: bytes, name: str = "a.png") -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, body, "image/png")}


async def test_editors_add_files_and_everybody_reads_them(api: Api, world: World) -> None:
    await check_doors(api, world, "POST", "/media", refused="viewer", files=part(png()))
    await check_doors(api, world, "GET", "/media")
    editor = await api.as_(world.editor)
    answer = await editor.call(
        "POST", f"{world.path}/media", files=part(png()), data={"alt_text": "Un marché"}
    )
    assert answer.status_code == 201, answer.text
    media = answer.json()
    assert (media["content_type"], media["width"], media["height"]) == ("image/png", 8, 6)
    assert (media["alt_text"], media["filename"]) == ("Un marché", "a.png")
    path = f"/media/{media['id']}"
    await check_doors(api, world, "GET", path)
    await check_doors(api, world, "PATCH", path, refused="viewer", json={"alt_text": "x"})
    await check_doors(api, world, "DELETE", path, refused="viewer")
    changed = await editor.patch(world.path + path, {"alt_text": "Le marché"})
    assert changed.json()["alt_text"] == "Le marché"


async def test_uploads_are_refused_with_file_and_rule(api: Api, world: World) -> None:
    editor = await api.as_(world.editor)
    path = f"{world.path}/media"
    answer = await editor.call("POST", path, files=part(b"<svg/>", "logo.png"))
    assert_error(answer, 422, "invalid", field="file")
    assert "logo.png" in answer.json()["error"]["details"]["fields"][0]["message"]
    answer = await editor.call("POST", path, files=part(png()), data={"alt_text": "x" * 1001})
    assert_error(answer, 422, "invalid", field="alt_text")
    assert_error(await editor.post(path, {"file": "x"}), 415, "unsupported_body")
    answer = await editor.call("POST", path, files={"other": ("a.png", png(), "image/png")})
    assert answer.status_code in {400, 422}
    large = b"\x00" * (service.MAX_BYTES + 200_000)
    assert (await editor.call("POST", path, files=part(large))).status_code == 413


async def test_a_link_serves_the_file_and_nothing_else(
    api: Api, world: World, clock: MovableClock
) -> None:
    editor = await api.as_(world.editor)
    body = png()
    media = (await editor.call("POST", f"{world.path}/media", files=part(body))).json()
    url = media["url"].removeprefix("http://palabre.test")
    answer = await api.get(url)
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["content-disposition"].startswith("inline; filename=")
    part_ = await api.get(url, headers={"range": "bytes=2-5"})
    assert (part_.status_code, part_.content) == (206, body[2:6])
    assert part_.headers["content-range"] == f"bytes 2-5/{len(body)}"
    tail = await api.get(url, headers={"range": "bytes=-4"})
    assert tail.content == body[-4:]
    assert (await api.get(url, headers={"range": "bytes=9999-"})).status_code == 416
    same = await api.get(url, headers={"if-none-match": answer.headers["etag"]})
    assert same.status_code == 304
    clock.advance(hours=2)
    assert_error(await api.get(url), 404, "not_found")


async def test_an_altered_link_serves_nothing(api: Api, world: World) -> None:
    editor = await api.as_(world.editor)
    media = (await editor.call("POST", f"{world.path}/media", files=part(png()))).json()
    _, _, rest = media["url"].partition("/content/")
    token, _, name = rest.partition("/")
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        altered = token[:place] + other + token[place + 1 :]
        answer = await api.get(f"/content/{altered}/{name}")
        assert answer.status_code == 404, place
    assert (await api.get(f"/content/x/{name}")).status_code == 404
    assert (await api.get(f"/content/{token}/other.html")).headers["content-type"] == "image/png"


async def test_lists_are_continued_by_a_cursor(api: Api, world: World) -> None:
    editor = await api.as_(world.editor)
    path = f"{world.path}/media"
    ids = [(await editor.call("POST", path, files=part(png()))).json()["id"] for _ in range(3)]
    first = (await editor.get(path, params={"limit": 2})).json()
    second = (await editor.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
    assert_error(await editor.get(path, params={"cursor": "!"}), 422, "invalid", field="cursor")
    assert_error(await editor.get(path, params={"limit": 0}), 422, "invalid", field="limit")


async def test_a_used_file_stays(api: Api, world: World) -> None:
    editor = await api.as_(world.editor)
    media = (await editor.call("POST", f"{world.path}/media", files=part(png()))).json()
    path = f"{world.path}/media/{media['id']}"
    body = {"text": "Hello", "media_ids": [media["id"]]}
    piece = (await editor.post(f"{world.path}/pieces", body)).json()
    assert_error(await editor.delete(path), 409, "media_in_use")
    assert (await editor.delete(f"{world.path}/pieces/{piece['id']}")).status_code == 204
    assert (await editor.delete(path)).status_code == 204
    assert_error(await editor.get(path), 404, "not_found")
    assert_error(await api.get(media["url"].removeprefix("http://palabre.test")), 404, "not_found")
