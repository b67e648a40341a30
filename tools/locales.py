"""Check the sentences for people: both languages, the same names, French typography.

Rules of SCREENS section 6: U+202F before ; ! ?, U+00A0 before : and inside « », curly apostrophes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from tools.members import ROOT

# The languages and their plural forms (CLDR); French needs "many" from a million on.
LANGUAGES = {"en": {"one", "other"}, "fr": {"one", "many", "other"}}
PLURAL = re.compile(r"^(.*)\.(zero|one|two|few|many|other)$")
PLACEHOLDER = re.compile(r"\{(\w+)")
# Not sentences: addresses, times, code between back quotes.
UNTOUCHED = re.compile(r"`[^`]*`|\b\w+://\S*|\b\d{1,2}:\d{2}\b|<[^>]*>|&\w+;")
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
    names = [
        _names(sentences, LANGUAGES[language])
        for language, sentences in (("en", english), ("fr", french))
    ]
    faults = [f"{where}: {name}: in one language only" for name in sorted(names[0] ^ names[1])]
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


def _names(sentences: Mapping[str, str], plurals: Set[str]) -> set[str]:
    """Return the keys, with the forms of a plural as one name when they are complete."""
    forms: dict[str, set[str]] = {}
    plain: set[str] = set()
    for key in sentences:
        plural = PLURAL.match(key)
        if plural:
            forms.setdefault(plural[1], set()).add(plural[2])
        else:
            plain.add(key)
    complete = {f"{name} (plural)" for name, found in forms.items() if found == plurals}
    return plain | complete | {name for name, found in forms.items() if found != plurals}


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
