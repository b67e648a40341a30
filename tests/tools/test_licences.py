"""Which licences pass."""

import pytest

from tools.licences import is_allowed


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND PSF-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR CC0-1.0)", True),
        ("AGPL-3.0-only", False),
        ("", False),
    ],
)
def test_an_expression_is_read_as_spdx(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed
