"""Hostile and ordinary files: what a file is, is decided by its content."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from palabre.base.errors import Invalid, TooLarge
from palabre.domains.media import service
from palabre.domains.media.uploading import MAX_BYTES, clean_name
from palabre.domains.runtime import Runtime
from palabre.plugins.context import Subject
from palabre.sdk.errors import NotFoundRemote
from palabre.sdk.values import MediaRef
from tests.support.api import World, scope_of


def picture(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode != "P" else 3).save(out, form, **more)
    return out.getvalue()


def photo_with_place() -> bytes:
    """Return a JPEG of a phone: turned by a quarter, with the place it was taken at."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "canary-camera"
    exif.get_ifd(0x8825)[2] = (14.0, 41.0, 37.0)
    return picture("JPEG", exif=exif)


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def add(runtime: Runtime, world: World, body: bytes, name: str) -> service.Media:
    scope = await scope_of(world)
    media_id = await service.add(runtime, scope, io.BytesIO(body), name)
    async with runtime.database.transaction(scope) as tx:
        return await service.show(runtime, tx, media_id)


async def read(runtime: Runtime, world: World, media: service.Media) -> bytes:
    subject = Subject(agency_id=world.agency.id, client_id=world.client_id)
    ref = MediaRef(id=str(media.id), content_type=media.content_type, size=media.size)
    reader = await service.LibraryMedia(runtime).open(subject, ref)
    return await reader.read()


@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [
        ("JPEG", "image/jpeg", "a.jpg"),
        ("PNG", "image/png", "a.png"),
        ("WEBP", "image/webp", "a.webp"),
        ("GIF", "image/gif", "a.gif"),
    ],
)
async def test_pictures_are_kept_as_they_are(
    runtime: Runtime, world: World, form: str, kind: str, name: str
) -> None:
    body = picture(form)
    media = await add(runtime, world, body, name)
    assert (media.content_type, media.width, media.height) == (kind, 40, 30)
    assert await read(runtime, world, media) == body


async def test_the_name_does_not_decide(runtime: Runtime, world: World) -> None:
    media = await add(runtime, world, picture("PNG"), "holiday.jpg")
    assert (media.content_type, media.filename) == ("image/png", "holiday.png")


async def test_the_place_of_a_photo_is_removed_and_it_stands_upright(
    runtime: Runtime, world: World
) -> None:
    body = photo_with_place()
    assert b"canary-camera" in body
    media = await add(runtime, world, body, "phone.jpg")
    assert (media.width, media.height) == (30, 40)
    kept = await read(runtime, world, media)
    assert b"canary" not in kept
    assert b"Exif" not in kept
    assert Image.open(io.BytesIO(kept)).size == (30, 40)


async def test_words_and_trailing_bytes_are_removed(runtime: Runtime, world: World) -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "canary")
    for body, name in (
        (picture("PNG", pnginfo=words), "words.png"),
        (picture("PNG") + b"<script>canary</script>", "tail.png"),
        (picture("JPEG", comment=b"canary"), "comment.jpg"),
        (picture("JPEG") + b"PK canary", "zip.jpg"),
        (picture("GIF") + b"<html>canary", "page.gif"),
    ):
        media = await add(runtime, world, body, name)
        kept = await read(runtime, world, media)
        assert b"canary" not in kept, name
        assert Image.open(io.BytesIO(kept)).size == (40, 30)


async def test_an_animation_keeps_its_frames(runtime: Runtime, world: World) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=b"canary")
    media = await add(runtime, world, out.getvalue(), "moving.gif")
    kept = Image.open(io.BytesIO(await read(runtime, world, media)))
    assert getattr(kept, "n_frames", 1) == 3


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        (b"", "nothing.png", "media_empty"),
        (SVG, "drawing.svg", "media_not_image"),
        (SVG, "drawing.png", "media_not_image"),
        (b"<!doctype html><script>1</script>", "page.jpg", "media_not_image"),
        (b"GIF89a<script>alert(1)</script>", "polyglot.gif", "media_not_image"),
        (b"%PDF-1.7 %EOF", "paper.pdf", "media_not_image"),
        (b"PK\x03\x04" + b"\x00" * 100, "archive.png", "media_not_image"),
        (picture("BMP"), "old.bmp", "media_not_image"),
        (picture("TIFF"), "scan.png", "media_not_image"),
        (picture("JPEG", (400, 400), quality=95)[:900], "half.jpg", "media_broken"),
        (picture("PNG", (400, 400))[:-30], "half.png", "media_broken"),
        (bomb(12_000, 12_000), "bomb.png", "media_too_many_pixels"),
        (bomb(30_000, 30_000), "bigger.png", "media_too_many_pixels"),
        (bomb(1, 65_535), "thin.png", "media_too_many_pixels"),
        (bomb(5_000, 5_000), "liar.png", "media_broken"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
async def test_what_is_no_picture_is_refused_by_name_and_rule(
    runtime: Runtime, world: World, body: bytes, name: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await add(runtime, world, body, name)
    (problem,) = refused.value.problems
    assert (problem.field, problem.code, problem.params) == ("file", code, {"filename": name})
    assert name in problem.message("fr")


async def test_a_file_over_the_limit_is_refused(runtime: Runtime, world: World) -> None:
    with pytest.raises(TooLarge) as refused:
        await add(runtime, world, b"\x00" * (MAX_BYTES + 1), "large.png")
    assert "large.png" in refused.value.message("en")


async def test_files_lie_under_agency_and_client_for_the_server_only(
    runtime: Runtime, world: World
) -> None:
    await add(runtime, world, picture("PNG"), "../../etc/passwd.png")
    folder = runtime.settings.state_dir / "media" / str(world.agency.id) / str(world.client_id)
    (file,) = (folder / "originals").iterdir()
    assert file.name.endswith(".png")
    assert folder.stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../a b.png", "a b.png"),
        ("C:\\x\\é.png", "é.png"),
        ("...", "file"),
        ('"><script>.png', "_script_.png"),
        ("a\r\nb.png", "a_b.png"),
    ],
)
def test_names_keep_no_path_and_no_markup(given: str, kept: str) -> None:
    assert clean_name(given) == kept


async def test_a_file_of_another_client_is_not_there(runtime: Runtime, world: World) -> None:
    media = await add(runtime, world, picture("PNG"), "a.png")
    subject = Subject(agency_id=world.agency.id, client_id=world.neighbour_id)
    ref = MediaRef(id=str(media.id), content_type=media.content_type, size=media.size)
    with pytest.raises(NotFoundRemote):
        await service.LibraryMedia(runtime).open(subject, ref)
