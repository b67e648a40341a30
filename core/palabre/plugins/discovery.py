"""Find plugins by their metadata, import nothing, and refuse by name before anything runs."""

import pkgutil
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import EntryPoint, entry_points
from importlib.metadata import version as installed_version
from typing import Final

from msgspec import Struct

from palabre import builtin
from palabre.plugins.states import LoaderOptions, Origin, PluginStatus, Refusal
from palabre.sdk import ENTRY_POINT_GROUP

CORE: Final = "palabre-core"
RESERVED: Final = frozenset(
    {
        "anthropic",
        "facebook",
        "google_business",
        "instagram",
        "linkedin",
        "make",
        "openai",
        "pinterest",
        "resend",
        "s3",
        "sharepoint",
        "slack",
        "smtp",
        "telegram",
        "threads",
        "tiktok",
        "whatsapp",
        "x",
        "youtube",
    }
)
"""Keys that only our own distribution ``palabre-<key>`` may claim: a look-alike cannot."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")


class Candidate(Struct, frozen=True, kw_only=True):
    """A plugin found and not imported yet; ``entry`` names the module that holds its hooks."""

    key: str
    distribution: str
    version: str
    origin: Origin
    entry: EntryPoint

    def status(self, refusal: Refusal | None = None) -> PluginStatus:
        """Return the state: what ``refusal`` says, active without one."""
        return PluginStatus(
            key=self.key,
            distribution=self.distribution,
            version=self.version,
            origin=self.origin,
            state=refusal.state if refusal else "active",
            reason=refusal.reason if refusal else "",
        )


def discover() -> list[Candidate]:
    """Return every plugin of core and of the installed distributions, sorted by key."""
    found = [*_builtin(), *(_installed(entry) for entry in entry_points(group=ENTRY_POINT_GROUP))]
    return sorted(found, key=lambda candidate: (candidate.key, candidate.distribution))


def admit(
    candidates: Iterable[Candidate], options: LoaderOptions
) -> tuple[list[Candidate], list[PluginStatus]]:
    """Part those that may be imported from those refused by name alone."""
    found = list(candidates)
    claims = Counter(candidate.key for candidate in found if candidate.origin != "builtin")
    core = {candidate.key for candidate in found if candidate.origin == "builtin"}
    admitted: list[Candidate] = []
    refused: list[PluginStatus] = []
    for candidate in found:
        try:
            if candidate.origin != "builtin":
                _check_allowed(candidate, options)
                _check_claims(candidate, claims, found)
                _check_name(candidate, core)
        except Refusal as refusal:
            refused.append(candidate.status(refusal))
        else:
            admitted.append(candidate)
    return admitted, refused


def _check_allowed(candidate: Candidate, options: LoaderOptions) -> None:
    if options.environment == "production" and candidate.key not in options.allowed:
        raise Refusal("blocked", f"PALABRE_PLUGINS does not list {candidate.key}.")


def _check_claims(candidate: Candidate, claims: Counter[str], found: list[Candidate]) -> None:
    if claims[candidate.key] == 1:
        return
    owners = " and ".join(other.distribution for other in found if other.key == candidate.key)
    raise Refusal("duplicate", f"{owners} claim the same key {candidate.key}: keep one of them.")


def _check_name(candidate: Candidate, core: set[str]) -> None:
    if not _KEY.fullmatch(candidate.key):
        raise Refusal("failed", f"The entry point {candidate.key!r} is not a plugin key.")
    if candidate.key in core:
        raise Refusal("blocked", f"The key {candidate.key} belongs to {CORE} itself.")
    if candidate.origin == "third_party" and candidate.key in RESERVED:
        raise Refusal(
            "blocked",
            f"The key {candidate.key} is reserved for {_own_name(candidate.key)}, "
            f"not for {candidate.distribution}.",
        )


def _builtin() -> Iterable[Candidate]:
    for module in pkgutil.iter_modules(builtin.__path__):
        path = f"{builtin.__name__}.{module.name}"
        yield Candidate(
            key=module.name,
            distribution=CORE,
            version=installed_version(CORE),
            origin="builtin",
            entry=EntryPoint(module.name, path, ENTRY_POINT_GROUP),
        )


def _installed(entry: EntryPoint) -> Candidate:
    name, version = _name_and_version(entry)
    own = entry.name in RESERVED and _normal(name) == _own_name(entry.name)
    return Candidate(
        key=entry.name,
        distribution=name,
        version=version,
        origin="first_party" if own else "third_party",
        entry=entry,
    )


def _name_and_version(entry: EntryPoint) -> tuple[str, str]:
    """Read a distribution's metadata, which may be broken or missing."""
    name = version = None
    with suppress(Exception):  # whatever a broken installation raises
        name = entry.dist and entry.dist.name
        version = entry.dist and entry.dist.version
    return name or "unknown", version or "unknown"


def _own_name(key: str) -> str:
    return f"palabre-{_normal(key)}"


def _normal(name: str) -> str:
    """Return a distribution name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
