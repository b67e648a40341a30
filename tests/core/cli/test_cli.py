"""The ``palabre`` command as an operator meets it."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from palabre import cli
from palabre.base.settings import Settings
from palabre.commands import seeding
from palabre.vault.master import new_master_key
from tests.support.api import make_settings
from tests.support.databases import DatabaseUrls


def _environment(urls: DatabaseUrls, redis_url: str, state: Path) -> dict[str, str]:
    return {
        "PALABRE_ENV": "test",
        "DATABASE_URL": urls.app,
        "PALABRE_DATABASE_ADMIN_URL": urls.admin,
        "PALABRE_DB_ROLE_PREFIX": urls.prefix,
        "REDIS_URL": redis_url,
        "PALABRE_PUBLIC_URL": "http://palabre.test",
        "PALABRE_STATE_DIR": str(state),
        "PALABRE_MASTER_KEY": new_master_key(),
        "PALABRE_SIGNING_KEY": "a signing key for tests, long enough to be taken",
    }


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from palabre.cli import main;"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0;"
        "heavy = {'sqlalchemy', 'litestar', 'arq', 'httpx', 'redis'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["api"], {"PALABRE_ENV": "party"}, "PALABRE_ENV"),
        (["worker"], {"PALABRE_COLOUR": "red"}, "Unknown setting PALABRE_COLOUR"),
        (["db", "init"], {"PALABRE_ENV": "test"}, "PALABRE_PUBLIC_URL is not set"),
    ],
)
def test_what_an_operator_can_mend_is_one_line(
    arguments: list[str], environment: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PALABRE_ENV", "DATABASE_URL", "REDIS_URL", "PALABRE_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(cli.main, arguments, env=environment)
    assert result.exit_code == 2
    assert result.output.startswith("palabre: ")
    assert says in result.output
    assert len(result.output.splitlines()) == 1


def test_unknown_queues_are_refused(
    database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        cli.main,
        ["worker", "--queues", "publish,lunch"],
        env=_environment(database_urls, redis_url, tmp_path),
    )
    assert (result.exit_code, "no queue lunch" in result.output) == (2, True)


def test_new_keys_differ() -> None:
    outputs = {CliRunner().invoke(cli.main, ["keys", "new"]).output for _ in range(2)}
    assert len(outputs) == 2
    assert all("PALABRE_MASTER_KEY=m1:" in one for one in outputs)


def test_plugins_are_listed_with_their_state() -> None:
    result = CliRunner().invoke(cli.main, ["plugins"], env={"PALABRE_ENV": "test"})
    assert "facebook" in result.output
    assert "active" in result.output
    blocked = CliRunner().invoke(cli.main, ["plugins"], env={"PALABRE_ENV": "production"})
    assert "PALABRE_PLUGINS does not list facebook" in blocked.output


def test_the_database_matches_what_is_declared(
    database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(
        cli.main, ["db", "check"], env=_environment(database_urls, redis_url, tmp_path)
    )
    assert (result.exit_code, result.stdout) == (
        0,
        "The database matches the declared tables and walls.\n",
    )


@pytest.fixture
def empty(fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path) -> Settings:
    fields = {"facebook": {"app_id": "1", "app_secret": "s"}}
    return make_settings(fresh_database_urls, redis_url, tmp_path, plugin_fields=fields)


async def test_the_demo_agency_is_made_once_and_its_owner_gets_in(empty: Settings) -> None:
    made = await seeding.seed(empty, if_empty=True)
    again = await seeding.seed(empty, if_empty=True)
    link = await seeding.sign_in_link(empty, " AWA@baobab.example ")

    assert made.startswith("Agence Baobab with Maison Teranga, Chez Fatou, Dakar Immo")
    assert again == "There is an agency already: nothing was made."
    assert link.startswith("http://palabre.test/sign-in#link=")
