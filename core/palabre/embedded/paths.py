"""Where state lives and which account runs the servers (standard library only).

``bootstrap.py`` imports this file before anything is installed.
"""

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

ROOT_STATE = Path("/var/lib/palabre")
_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The system account that servers are dropped to."""

    name: str
    uid: int
    gid: int


def default_state_dir(checkout: Path) -> Path:
    """Return the state directory of a checkout.

    An ordinary user gets ``.palabre`` inside it. Root gets a directory below ``/var/lib``, because
    the servers run under another account that cannot look into root's home.
    """
    if os.geteuid() != 0:
        return checkout / ".palabre"
    digest = hashlib.sha256(str(checkout.resolve()).encode()).hexdigest()[:12]
    return ROOT_STATE / digest


def server_account() -> Account | None:
    """Return the account to drop to when we are root, None when we are not.

    PostgreSQL refuses to run as root, and initdb needs an account with a passwd entry, so an
    existing one is used; none is ever created.

    Raises:
        LookupError: root on a machine with neither a ``postgres`` nor a ``nobody`` account.
    """
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise LookupError("PostgreSQL does not run as root and there is no account 'nobody'")


def open_to(path: Path, account: Account | None) -> bool:
    """Return whether ``account`` may enter ``path`` and every folder above it."""
    if account is None:
        return True
    return all(_may_enter(folder.stat(), account) for folder in (path, *path.parents))


def _may_enter(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def private_dir(path: Path, account: Account | None = None) -> Path:
    """Create ``path`` with mode 0700 for ``account`` (default: ourselves) and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    return path


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Replace ``path`` atomically by ``text``, readable by ``account`` (default: us) alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if account is not None:
        os.chown(fresh, account.uid, account.gid)
    fresh.replace(path)
