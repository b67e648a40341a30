"""The import contracts refuse what they are there to refuse."""

import configparser
import re

import pytest

from tools.layers import filled_in

RULES = configparser.ConfigParser(interpolation=None)
RULES.read_string(
    filled_in(
        plugins=["palabre_one", "palabre_two", "palabre_shared"],
        platforms=["palabre_one", "palabre_two"],
    )
)


def broken(line: str) -> set[str]:
    return {
        section.rpartition(":")[2]
        for section in RULES.sections()
        if "forbidden" in RULES[section] and re.match(RULES[section]["forbidden"], line)
    }


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("palabre.domains.accounts.rows -> palabre.domains.agencies.tables", {"domains"}),
        ("palabre.domains.accounts.rows -> palabre.domains.agencies", {"domains"}),
        ("palabre.domains.accounts.rows -> palabre.domains.agencies.service", set()),
        ("palabre.domains.accounts.rows -> palabre.domains.accounts.tables", set()),
        ("palabre.domains.accounts -> palabre.domains.accounts.tables", set()),
        ("palabre.domains.account.rows -> palabre.domains.accounts.tables", {"domains"}),
        ("palabre.domains.accounts.rows -> palabre.domains.runtime", set()),
        ("palabre.sdk.http -> httpx", {"sdk", "httpx"}),
        ("palabre.sdk.http -> palabre.base.ids", {"sdk"}),
        ("palabre.sdk.http -> collections.abc", set()),
        ("palabre.sdk -> palabre.sdk.errors", set()),
        ("palabre.jobs.worker -> litestar", {"litestar"}),
        ("palabre_api.app -> litestar", set()),
        ("palabre_api.app -> arq", {"arq"}),
        ("palabre.jobs.worker -> arq", set()),
        ("palabre_one.auth -> httpx", {"httpx"}),
        ("palabre.net.client -> httpx", set()),
        ("palabre_one.auth -> palabre.sdk.errors", set()),
        ("palabre_one.auth -> palabre.sdkx", {"plugins"}),
        ("palabre_one.auth -> palabre.db.door", {"plugins"}),
        ("palabre_one.auth -> palabre", {"plugins"}),
        ("palabre_one.auth -> palabre_api.app", {"plugins"}),
        ("palabre_one.auth -> palabre_two.auth", {"platforms"}),
        ("palabre_one.auth -> palabre_one.graph", set()),
        ("palabre_one.auth -> palabre_shared", set()),
        ("palabre_shared.graph -> palabre_one", {"platforms"}),
        ("palabre.plugins.loader -> palabre_one", {"generic"}),
        ("palabre_api.app -> palabre_one.auth", {"generic"}),
    ],
)
def test_each_import_breaks_exactly_its_rules(line: str, rules: set[str]) -> None:
    assert broken(line) == rules
