"""The verifier as a customer runs it: a program with a file, and nothing of ours around it.

``AUDIT_ENTRIES=1000000`` verifies that many and says how long it took.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from palabre.audit import anchor_log, formats
from palabre.audit import verify as module
from palabre.audit.anchor_files import AnchorFiles
from palabre.audit.anchors import Anchorer
from palabre.audit.export import export
from palabre.audit.formats import Bad
from palabre.audit.verify import verify
from palabre.db.scope import Scope
from tests.core.audit.support import KEY, LENGTH, SIGNING_KEY, Lab, exported, lab, write
from tests.support.databases import DatabaseUrls

ENTRIES = int(os.environ.get("AUDIT_ENTRIES", "20000"))
MICROSECONDS = 60.0
"""The bar per entry: 1,000,000 in 60 s."""


@pytest.fixture
async def grown(fresh_database_urls: DatabaseUrls, tmp_path: Path):  # type: ignore[no-untyped-def]
    async with lab(fresh_database_urls, tmp_path / "anchors") as made:
        yield made


async def run(*arguments: str, folder: Path) -> tuple[int, str, str]:
    """Run the verifier copied to a folder of its own, with our packages out of reach."""
    room = folder / "alone" / "palabre" / "audit"
    room.mkdir(parents=True, exist_ok=True)
    for source in (module.__file__, anchor_log.__file__, formats.__file__):
        shutil.copy(source or "", room)
    for package in (room.parent, room):
        (package / "__init__.py").touch()
    command = [sys.executable, "-c", _ALONE, *arguments]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=folder / "alone", capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


_ALONE = """
import sys
class Wall:
    def find_spec(self, name, path=None, target=None):
        ours = name.startswith("palabre") and name not in ALLOWED
        if ours or name.split(".")[0] in {"sqlalchemy", "msgspec", "asyncpg", "structlog"}:
            raise ImportError(f"{name} must not be needed")
ALLOWED = {"palabre", "palabre.audit", "palabre.audit.formats", "palabre.audit.anchor_log",
           "palabre.audit.verify"}
sys.meta_path.insert(0, Wall())
sys.path.insert(0, ".")
from palabre.audit import verify
assert verify.__file__.startswith(__import__("os").getcwd()), verify.__file__
sys.exit(verify.main())
"""


async def test_a_customer_verifies_alone(grown: Lab, tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"\n".join(await grown.lines(all_chains=True)) + b"\n")
    anchors = ("--anchors", str(grown.folder), "--key", KEY)
    code, told, _ = await run(str(file), *anchors, folder=tmp_path)
    assert code == 0
    assert told.splitlines() == [
        f"agency {grown.agency_id}: 22 entries follow each other; "
        "5 anchors fit, signed up to entry 20.",
        *sorted(
            [
                f"client {grown.client_id}: 43 entries follow each other; "
                "5 anchors fit, signed up to entry 40.",
                f"client {grown.neighbour_id}: 22 entries follow each other; "
                "5 anchors fit, signed up to entry 20.",
            ]
        ),
        "OK   87 entries, 5 anchors.",
    ]
    code, told, _ = await run(str(file), folder=tmp_path)
    assert code == 0
    assert "no anchors: a cut end or a new chain would not show" in told


async def test_what_is_wrong_is_named_with_its_place(grown: Lab, tmp_path: Path) -> None:
    lines = await grown.lines(grown.client_id)
    lines[17] = lines[17].replace(b"piece", b"peace")
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"\n".join(lines))
    code, told, wrong = await run(str(file), folder=tmp_path)
    assert (code, told) == (1, "")
    assert wrong == (
        f"BAD  client {grown.client_id}, entry 17 (line 18): "
        "its fields are not those its hash was made of\n"
    )
    assert (await run(str(tmp_path / "nothing"), folder=tmp_path))[0] == 1
    code, _, wrong = await run(str(file), "--anchors", str(grown.folder), folder=tmp_path)
    assert code == 2
    assert "--anchors needs --key" in wrong


async def test_an_older_export_verifies_with_newer_anchors(grown: Lab, tmp_path: Path) -> None:
    """What was written and signed after an export was made is not missed in it."""
    lines = await grown.lines(grown.client_id)
    await write(grown.database, Scope.of_client(grown.agency_id, grown.client_id), 99)
    anchorer = Anchorer(grown.database, AnchorFiles(grown.folder), SIGNING_KEY)
    assert await anchorer.anchor(datetime.now(UTC) + timedelta(days=9999))
    [report] = verify(lines, grown.anchors())
    assert (report.entries, report.anchors) == (LENGTH, 5)
    backdated = json.loads(lines[0]) | {"made_at": None}
    with pytest.raises(Bad, match="line 1"):
        verify([msgspec.json.encode(backdated), *lines[1:]], grown.anchors())


async def test_anchors_that_are_not_there_are_not_taken_for_proof(
    grown: Lab, tmp_path: Path
) -> None:
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"\n".join(await grown.lines(grown.client_id)))
    (tmp_path / "empty").mkdir()
    code, _, wrong = await run(
        str(file), "--anchors", str(tmp_path / "empty"), "--key", KEY, folder=tmp_path
    )
    assert code == 1
    assert "no anchor is there" in wrong
    for key in ("x", KEY[:-2]):
        code, _, wrong = await run(
            str(file), "--anchors", str(grown.folder), "--key", key, folder=tmp_path
        )
        assert code == 2
        assert "invalid" in wrong


async def test_an_export_that_is_not_complete_is_not_whole(grown: Lab) -> None:
    lines = await grown.lines(grown.client_id)
    for kept, place in ((0, "line 1"), (1, "the end"), (10, "the end"), (LENGTH + 1, "the end")):
        with pytest.raises(Bad) as bad:
            verify(lines[:kept])
        assert bad.value.where == place
    for line in (b"", b"{}", b"[]", b'"x"', b'{"n": 1}', lines[5], lines[0]):
        with pytest.raises(Bad):
            verify([*lines[:20], line, *lines[20:]])
        with pytest.raises(Bad):
            verify([*lines, line])


async def test_a_field_that_is_missing_or_of_another_kind_is_found(grown: Lab) -> None:
    lines = await grown.lines(grown.client_id)
    entry = json.loads(lines[5])
    for name in entry:
        for value in (None, 7, "x", True, [], {}, 1.5):
            if value == entry[name] or (name, value) == ("personal", None):
                continue
            with pytest.raises(Bad) as bad:
                verify([*lines[:5], msgspec.json.encode(entry | {name: value}), *lines[6:]])
            assert bad.value.n == 5 or name in ("agency", "client")
        without = {key: kept for key, kept in entry.items() if key != name}
        with pytest.raises(Bad):
            verify([*lines[:5], msgspec.json.encode(without), *lines[6:]])


async def test_an_export_ends_where_it_began(grown: Lab) -> None:
    """What is written while somebody reads slowly is not part of it."""
    scope = Scope.of_client(grown.agency_id, grown.client_id)
    parts = export(grown.database, scope, client_id=grown.client_id, now=datetime.now(UTC))
    lines = (await anext(parts)).splitlines()
    await write(grown.database, scope, 99)
    async for part in parts:
        lines += part.splitlines()
    assert [report.entries for report in verify(lines)] == [LENGTH]
    assert [r.entries for r in verify(await grown.lines(grown.client_id))] == [LENGTH + 1]


async def test_a_client_scope_exports_no_other_chain(grown: Lab) -> None:
    scope = Scope.of_client(grown.agency_id, grown.client_id)
    for asked in (None, grown.neighbour_id):
        assert verify(await exported(grown.database, scope, asked)) == []
    [report] = verify(await exported(grown.database, scope, None, all_chains=True))
    assert report.chain == grown.chain


def test_the_formats_do_not_change() -> None:
    """A chain of a customer's archive must verify for ever: these values are fixed."""
    assert formats.canonical("a", None, "", "é,1:x") == "1:a,-,0:,6:é,1:x"
    assert formats.personal_digest(b"salt", "Awa", "192.0.2.7", "é").hex() == (
        "9bf47697a745743d138d608e3a6f9f3845250fe49b7573ec4d6eba9a0b0de80a"
    )
    head = ("a", None, 3, "ff")
    assert formats.anchor_text(5, "", [head]) == b"17:palabre-anchor-v1,1:5,0:,1:1,1:a,-,1:3,2:ff"
    [entry] = list(chain(1))[1:-1]
    assert json.loads(entry)["hash"] == (
        "7b06c0b660ec4ce48d1cd34db976a484fcdf728c89c65231af5098010711a615"
    )


def chain(length: int) -> Iterator[bytes]:
    """Yield an export of ``length`` entries like those of a busy client."""
    agency, client = str(UUID(int=1)), str(UUID(int=2))
    yield msgspec.json.encode(
        {
            "format": "palabre-audit-export",
            "version": 1,
            "agency": agency,
            "client": client,
            "all": False,
            "made_at": 1_796_000_000_000,
        }
    )
    prev = ""
    for n in range(1, length + 1):
        side = {"actor_name": "Awa Ndiaye", "ip": "192.0.2.7", "user_agent": "Mozilla/5.0 " * 8}
        salt = n.to_bytes(16, "big")
        entry = {
            "agency": agency,
            "client": client,
            "id": str(UUID(int=n)),
            "n": n,
            "at": 1_795_000_000_000 + n,
            "actor_kind": "user",
            "actor_id": str(UUID(int=7)),
            "action": "publications.decide",
            "target_kind": "publication",
            "target_id": str(UUID(int=n + 1)),
            "details": '{"decision": "retry", "reason": "Ndar caf\\u00e9", "account": "…"}',
            "personal_digest": formats.personal_digest(salt, *side.values()).hex(),
            "prev": prev,
        }
        fields = [None if value is None else str(value) for value in entry.values()]
        prev = formats.hashlib.sha256(
            formats.canonical(formats.ENTRY_LABEL, *fields).encode()
        ).hexdigest()
        yield msgspec.json.encode(entry | {"hash": prev, "personal": side | {"salt": salt.hex()}})
    yield msgspec.json.encode({"heads": [(agency, client, length, prev)]})


def test_a_million_entries_take_less_than_a_minute(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export.jsonl"
    with file.open("wb") as out:
        out.writelines(line + b"\n" for line in chain(ENTRIES))
    started = time.process_time()
    assert module.main([str(file)]) == 0
    each = (time.process_time() - started) / ENTRIES * 1e6
    with capsys.disabled():
        print(f"\n{ENTRIES} entries verified at {each:.1f} microseconds each")  # noqa: T201
    assert each < MICROSECONDS
