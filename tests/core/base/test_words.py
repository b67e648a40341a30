"""Times and numbers as each language writes them."""

from datetime import UTC, datetime

import pytest

from palabre.base.words import moment


@pytest.mark.parametrize(
    ("locale", "local", "written"),
    [
        ("en", datetime(2026, 11, 26, 14, 30, tzinfo=UTC), "Thu 26 Nov, 14:30"),
        ("fr", datetime(2026, 11, 26, 14, 30, tzinfo=UTC), "jeu. 26 nov., 14:30"),
        ("fr", datetime(2027, 3, 1, 0, 5, tzinfo=UTC), "lun. 1er mars, 00:05"),
        ("en", datetime(2027, 2, 28, 23, 59, tzinfo=UTC), "Sun 28 Feb, 23:59"),
        ("de", datetime(2026, 12, 31, 9, 0, tzinfo=UTC), "Thu 31 Dec, 09:00"),
    ],
)
def test_a_moment_is_written_as_lists_write_it(locale: str, local: datetime, written: str) -> None:
    assert moment(locale, local) == written
