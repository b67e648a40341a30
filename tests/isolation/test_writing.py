"""The relation matrix, short form, second half: every way to change every table."""

from tests.isolation.matrix import Matrix, seed_of_the_run
from tests.isolation.operations import CHANGING
from tests.isolation.rows import walled_tables
from tests.support.databases import DatabaseUrls


async def test_nothing_foreign_is_changed(fresh_database_urls: DatabaseUrls) -> None:
    seed = seed_of_the_run()

    tally = await Matrix(fresh_database_urls, seed, operations=CHANGING, short=True).run(
        [("A1", "A2", "B1")]
    )

    assert tally.faults() == [], f"seed {seed}"
    assert tally.foreign_rows == 0
    assert set(tally.relations) == {table.name for table in walled_tables()}
    assert set(tally.operations) == {operation.name for operation in CHANGING}
    can_work = {operation.name for operation in CHANGING if not operation.always}
    assert tally.effective >= can_work, "these were refused on one's own rows too"
    assert len(tally.connections) == 1
