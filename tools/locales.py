"""Check the sentences for people: both languages, the same names, French typography.

Rules of SCREENS section 6: U+202F before ; ! ?, U+00A0 before : and inside « », curly apostrophes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.members import ROOT

LANGUAGES = ("en", "fr")
PLACEHOLDER = re.compile(r"\{(\w+)")
# Not sentences: addresses, times, code between back quotes.
UNTOUCHED = re.compile(r"`[^`]*`|\b\w+://\S+|\b\d{1,2}:\d{2}\b|<[^>]*>|&\w+;")
FRENCH = {
    "U+202F is missing before ; ! ?": re.compile(r"(?<![\u202f!?])[;!?]"),
    "U+00A0 is missing before :": re.compile(r"(?<!\u00a0):"),
    "U+00A0 is missing inside « »": re.compile(r"«(?!\u00a0)|(?<!\u00a0)»"),
    "straight apostrophe": re.compile(r"'"),
    "straight quotation mark": re.compile(r'"'),
}


def main() -> int:
    """Print every fault and return 1 if there is one."""
    folders = sorted(
        {path.parent for room in ("core", "api", "plugins") for path in _catalogues(ROOT / room)}
    )
    faults = [fault for folder in folders for fault in check(folder)]
    print("\n".join([*faults, f"{len(folders)} catalogues"]))
    return 1 if faults else 0


def check(folder: Path) -> list[str]:
    """Return the faults of one ``locales`` folder."""
    where = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    missing = [name for name in LANGUAGES if not (folder / f"{name}.json").exists()]
    if missing:
        return [f"{where}: {name}.json is missing" for name in missing]
    english, french = (
        dict(_leaves(json.loads((folder / f"{name}.json").read_text("utf-8")), ""))
        for name in LANGUAGES
    )
    faults = [
        f"{where}: {key}: in one language only" for key in sorted(english.keys() ^ french.keys())
    ]
    faults += [
        f"{where}: {key}: the placeholders differ"
        for key in sorted(english.keys() & french.keys())
        if set(PLACEHOLDER.findall(english[key])) != set(PLACEHOLDER.findall(french[key]))
    ]
    faults += [
        f"{where}: fr {key}: {rule}: {text}"
        for key, text in sorted(french.items())
        for rule in typography(text)
    ]
    return faults


def typography(text: str) -> list[str]:
    """Return the rules of French typography that a sentence breaks."""
    words = UNTOUCHED.sub("", text)
    return [rule for rule, pattern in FRENCH.items() if pattern.search(words)]


def _catalogues(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in {"node_modules", "static"}:
            yield from _catalogues(path)
        elif path.suffix == ".json" and folder.name == "locales":
            yield path


def _leaves(tree: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, f"{name}.{key}" if name else key)
    else:
        yield name, str(tree)


if __name__ == "__main__":
    sys.exit(main())
