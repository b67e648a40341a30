"""The check of the sentences for people."""

import json
from pathlib import Path

import pytest

from tools.locales import check, typography


@pytest.mark.parametrize(
    "sentence",
    [
        "Publier\u202f?",
        "Échéance\u00a0: 14:30, «\u00a0texte\u00a0»",
        "Voir https://example.org/a?b=c!",
        "Commencez par https:// ou http://.",
        "Vraiment\u202f?!",
        "L’accès à {plugin} a expiré.",
        "Écrivez `a: b`.",
    ],
)
def test_good_french_passes(sentence: str) -> None:
    assert typography(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Publier ?", "U+202F is missing before ; ! ?"),
        ("Publier!", "U+202F is missing before ; ! ?"),
        ("Échéance : demain", "U+00A0 is missing before :"),
        ("« texte »", "U+00A0 is missing inside « »"),
        ("L'accès", "straight apostrophe"),
        ('Le "texte"', "straight quotation mark"),
    ],
)
def test_careless_french_is_named(sentence: str, rule: str) -> None:
    assert typography(sentence) == [rule]


def write(folder: Path, **languages: object) -> Path:
    for name, tree in languages.items():
        (folder / f"{name}.json").write_text(json.dumps(tree))
    return folder


def test_a_sentence_in_one_language_only_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, en={"a": {"b": "x", "c": "y"}}, fr={"a": {"b": "x"}})
    assert check(folder) == [f"{tmp_path}: a.c: in one language only"]


def test_a_lost_placeholder_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, en={"a": "{n} posts of {who}"}, fr={"a": "{n} contenus"})
    assert check(folder) == [f"{tmp_path}: a: the placeholders differ"]


def test_a_missing_language_is_named(tmp_path: Path) -> None:
    assert check(write(tmp_path, en={})) == [f"{tmp_path}: fr.json is missing"]


def test_each_language_has_its_own_plural_forms(tmp_path: Path) -> None:
    english = {"post": {"one": "{n} post", "other": "{n} posts"}}
    french = {"post": {"one": "{n} post", "many": "{n} de posts", "other": "{n} posts"}}
    assert check(write(tmp_path, en=english, fr=french)) == []


def test_a_missing_plural_form_is_named(tmp_path: Path) -> None:
    english = {"post": {"one": "a post", "other": "posts"}}
    french = {"post": {"one": "un post", "other": "posts"}}
    faults = check(write(tmp_path, en=english, fr=french))
    assert f"{tmp_path}: post: in one language only" in faults
