"""The commands of docs/rest.md run as they stand, and its table of codes is complete."""

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from tests.e2e.pictures import PNG
from tests.e2e.product import Product

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/rest.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \|", re.MULTILINE)


async def test_the_commands_lead_from_sign_up_to_a_permalink(
    product: Product, tmp_path: Path
) -> None:
    picture = tmp_path / "dish.png"
    picture.write_bytes(PNG)
    script = "\n".join(_BLOCK.findall(PAGE.read_text("utf-8")))
    run = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        script,
        env={**os.environ, "PALABRE": product.url, "PICTURE": str(picture)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complained = await asyncio.wait_for(run.communicate(), 60)

    assert run.returncode == 0, complained.decode()
    lines = printed.decode().splitlines()
    assert lines[:3] == ["True", "active", "True"]
    assert re.fullmatch(r"published: http://\S+/www\.facebook\.com/\d+_\d+", lines[3])
    assert lines[4] == "Thiéboudienne today, until the pot is empty."


async def test_every_error_code_stands_in_the_table() -> None:
    sentences = json.loads((ROOT / "core/palabre/locales/en.json").read_text("utf-8"))
    codes = {key.removeprefix("error.") for key in sentences if key.startswith("error.")}

    told = {code for code, _ in _ROW.findall(PAGE.read_text("utf-8"))}

    assert sorted(codes - told) == []
    assert sorted(told - codes) == []
