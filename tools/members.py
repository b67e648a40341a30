"""What is in this checkout: our distributions, their packages, which of them are plugins."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Member:
    """One of our distributions."""

    folder: Path
    name: str
    package: str
    requirements: tuple[str, ...]
    """What it needs, with every extra, without our own distributions."""
    has_entry_point: bool
    """Whether it is a plugin of its own, not a library that plugins share."""

    @property
    def is_plugin(self) -> bool:
        """Whether it lives among the plugins."""
        return self.folder.parent.name == "plugins"


def members(root: Path = ROOT) -> list[Member]:
    """Return our distributions: core, api, then the plugins by name."""
    plugins = sorted(path.parent for path in root.glob("plugins/*/pyproject.toml"))
    return [_read(folder) for folder in (root / "core", root / "api", *plugins)]


def _read(folder: Path) -> Member:
    data = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    project = data["project"]
    extras = project.get("optional-dependencies", {}).values()
    wanted = [*project.get("dependencies", []), *(line for extra in extras for line in extra)]
    return Member(
        folder=folder,
        name=project["name"],
        package=data["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"][0],
        requirements=tuple(line for line in wanted if not line.startswith("palabre-")),
        has_entry_point="palabre.plugins" in project.get("entry-points", {}),
    )
