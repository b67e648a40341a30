"""How tests are shared among xdist workers: whole files, and the whole product on one worker."""

from typing import Any, Final

from xdist.scheduler import LoadFileScheduling

PRODUCT: Final = ("tests/e2e/", "tests/faults/test_outages.py")
"""Tests that start the product: it starts once, and two starts would race for its ports."""


class ByFileAndProduct(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types for it
    """Gives each worker whole files, and one of them everything that starts the product."""

    def _split_scope(self, nodeid: str) -> str:
        scope: Any = super()._split_scope(nodeid)
        return PRODUCT[0] if nodeid.startswith(PRODUCT) else str(scope)
