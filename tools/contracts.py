"""A kind of import contract: a pattern over single imports, written ``importer -> imported``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph


class DirectImports(Contract):
    """No import of one module by another may match ``forbidden``, a regular expression."""

    forbidden: Any = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        """Judge every import of the graph."""
        pattern = re.compile(self.forbidden)
        broken = [
            detail
            for importer in sorted(graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if pattern.match(f"{importer} -> {imported}")
            for detail in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import that should not be, with its line."""
        for detail in check.metadata["broken"]:
            output.print_error(
                f"{detail['importer']}:{detail['line_number']}: {detail['line_contents']}",
                bold=False,
            )
