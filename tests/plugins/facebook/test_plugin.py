"""The plugin as a whole: its manifest fits its adapters, its sentences are complete."""

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import palabre_facebook
from palabre_facebook.auth import FacebookAuth
from palabre_facebook.codes import CODES, SUBCODES
from palabre_facebook.kinds import PREVIEW
from palabre_facebook.plugin import palabre_manifest
from palabre_facebook.publisher import FacebookPages
from palabre_facebook.scopes import SCOPES

PLACEHOLDER = re.compile(r"\{\w+\}")


def sentences(locale: str) -> dict[str, str]:
    text = (files("palabre_facebook") / "locales" / f"{locale}.json").read_text("utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def keys_in_use() -> set[str]:
    """Return every key the code names: rules, scopes, preview, and literal ``user_key``s."""
    used = {rule.key for rule in (*CODES.values(), *SUBCODES.values()) if rule.key}
    used |= {need.sentence_key for need in SCOPES} | set(PREVIEW.actions)
    folder = Path(palabre_facebook.__file__).parent
    literal = re.compile(r'(?:user_key"?[:=] ?|"" if connectable else |Kind\.\w+, )"(\w+)"')
    for source in folder.glob("*.py"):
        used |= set(literal.findall(source.read_text("utf-8")))
    return used


def test_manifest_declares_what_the_adapters_do() -> None:
    adapters = FacebookAuth.capabilities | FacebookPages.capabilities

    assert palabre_manifest().capabilities == adapters


def test_both_languages_say_everything_with_the_same_placeholders() -> None:
    english, french = sentences("en"), sentences("fr")

    assert set(english) == set(french)
    for key, sentence in english.items():
        assert sorted(PLACEHOLDER.findall(sentence)) == sorted(PLACEHOLDER.findall(french[key]))


def test_every_key_in_use_has_a_sentence_and_every_sentence_a_use() -> None:
    settings = {key for key in sentences("en") if key.startswith("setting.")}

    assert keys_in_use() == set(sentences("en")) - settings
    assert settings == {"setting.app_id", "setting.app_secret", "setting.graph_version"}


def test_french_spaces_and_apostrophes() -> None:
    for sentence in sentences("fr").values():
        assert "'" not in sentence
        assert not re.search(r"(?<!\u00a0):(?=\s|$)", sentence)
        assert not re.search(r"(?<!\u202f)[;!?]", sentence)


@pytest.mark.parametrize("heavy", ["starlette", "httpx", "palabre_facebook.publisher"])
def test_entry_point_is_light(heavy: str) -> None:
    code = f"import sys, palabre_facebook.plugin; sys.exit({heavy!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
