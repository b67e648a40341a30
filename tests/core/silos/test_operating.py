"""What the operator does with silos: prepare, list, check, migrate."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from palabre import cli
from tests.core.cli.test_cli import _environment
from tests.support import databases
from tests.support.databases import DatabaseUrls, run_to_end, urls_of


class Operator:
    """Runs ``palabre db`` over a pool of the test's own."""

    def __init__(self, urls: DatabaseUrls, environment: dict[str, str]) -> None:
        self.urls = urls
        self._environment = environment

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(cli.main, ["db", *words], env=self._environment)

    def sql(self, name: str, statement: str) -> str:
        """Run a statement as the server's admin in a database."""
        answers: list[str] = []

        async def run() -> None:
            connection = await asyncpg.connect(urls_of(self.urls.admin, name).admin)
            answers.append(str(await connection.fetchval(statement)))
            await connection.close()

        run_to_end(run())
        return answers[0]

    @property
    def pool(self) -> str:
        return self.urls.admin.rpartition("/")[2]


@pytest.fixture
def operator(
    fresh_database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> Iterator[Operator]:
    urls = fresh_database_urls
    one = Operator(urls, _environment(urls, redis_url, tmp_path))
    yield one
    for number in (1, 2, 3):
        databases.drop(urls.admin.rpartition("/")[0] + "/postgres", f"{one.pool}_silo_{number}")


def test_prepared_databases_are_sound_listed_and_closed(operator: Operator) -> None:
    assert "There are none." in operator.run("silo", "list").output
    made = operator.run("silo", "prepare", "2")
    name = f"{operator.pool}_silo_1"

    assert made.exit_code == 0, made.output
    assert f"{name} is ready." in made.output
    assert operator.run("silo", "list").output.split() == [
        *(name, "spare"),
        *(f"{operator.pool}_silo_2", "spare"),
    ]
    assert operator.run("check").exit_code == 0
    right = f"SELECT has_table_privilege('{databases.ROLES.app}', '{{}}', 'SELECT')"
    assert operator.sql(name, right.format("clients")) == "False"
    assert operator.sql(name, right.format("pieces")) == "True"

    operator.sql(name, f"GRANT SELECT ON clients TO {databases.ROLES.app}")
    found = operator.run("check")
    assert (found.exit_code, f"{name}: " in found.output) == (1, True)


def test_a_migration_that_fails_in_one_silo_is_told_and_repeated(operator: Operator) -> None:
    operator.run("silo", "prepare", "2")
    first, second = f"{operator.pool}_silo_1", f"{operator.pool}_silo_2"
    for name in (first, second):
        operator.sql(name, "DROP SCHEMA public CASCADE")
        operator.sql(name, f"CREATE SCHEMA public AUTHORIZATION {databases.ROLES.owner}")
        operator.sql(
            name,
            f"GRANT USAGE ON SCHEMA public TO {databases.ROLES.app}, {databases.ROLES.claimer},"
            f" {databases.ROLES.lookup}, {databases.ROLES.backup}",
        )
    operator.sql(first, "CREATE TABLE public.brands (in_the_way integer)")

    failed = operator.run("migrate")
    assert failed.exit_code == 2
    assert f"{operator.pool}: up to date" in failed.output
    assert f"{first} (1 of 2): failed" in failed.output
    assert f"{second} (2 of 2): applied" in failed.output
    assert f"Not migrated: {first}." in failed.output
    assert operator.sql(first, "SELECT to_regclass('public.pieces')") == "None"

    operator.sql(first, "DROP TABLE public.brands")
    again = operator.run("migrate")
    assert again.exit_code == 0, again.output
    assert f"{first} (1 of 2): applied" in again.output
    assert f"{second} (2 of 2): up to date" in again.output
    assert operator.run("check").exit_code == 0


def test_a_process_refuses_a_silo_of_another_version(operator: Operator) -> None:
    from palabre.base.settings import SettingsError, load
    from palabre.start import open_runtime

    operator.run("silo", "prepare", "1")
    name = f"{operator.pool}_silo_1"
    operator.sql(name, "UPDATE alembic_version SET version_num = '1'")
    agency, client = "00000000-0000-7000-8000-00000000000a", "00000000-0000-7000-8000-00000000000b"
    operator.sql(operator.pool, f"INSERT INTO client_anchor VALUES ('{agency}', '{client}')")
    operator.sql(
        operator.pool,
        "INSERT INTO silos (agency_id, client_id, database, state)"
        f" VALUES ('{agency}', '{client}', '{name}', 'active')",
    )

    async def start() -> None:
        async with open_runtime(load(operator._environment), role="command"):
            raise AssertionError("it started")

    with pytest.raises(SettingsError, match=f"{name} is at revision 1"):
        asyncio.run(start())
