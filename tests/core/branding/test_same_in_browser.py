"""The settings screen previews what the server will store: one function, two languages.

500 colours from a seed go through both; the TypeScript is compiled with the dashboard's compiler
and run by node, as browsers run it.
"""

import json
import random
import subprocess
from pathlib import Path

import msgspec

from palabre.domains.branding.colours import derive

SEED = 20261121
DASHBOARD = Path("api/dashboard").resolve()
PROGRAM = """
import ts from "typescript";
import { readFileSync, writeFileSync } from "node:fs";
const [, , folder, source] = process.argv;
for (const name of ["oklch", "colours"]) {
  const text = readFileSync(`${source}/${name}.ts`, "utf8").replace('"./oklch"', '"./oklch.mjs"');
  const options = { target: "ES2022", module: "ESNext", verbatimModuleSyntax: true };
  const made = ts.transpileModule(text, { compilerOptions: options });
  writeFileSync(`${folder}/${name}.mjs`, made.outputText);
}
const { derive } = await import(`${folder}/colours.mjs`);
const cases = JSON.parse(readFileSync(`${folder}/cases.json`, "utf8"));
console.log(JSON.stringify(cases.map(derive)));
"""


def test_python_and_typescript_agree_on_500_colours(tmp_path: Path) -> None:
    cases = colours()
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    source = str(DASHBOARD / "src" / "branding")

    ran = subprocess.run(
        ["node", "--input-type=module", "-", str(tmp_path), source],
        input=PROGRAM,
        cwd=DASHBOARD,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    expected = [None if text in WRONG else msgspec.to_builtins(derive(text)) for text in cases]
    assert found == expected


WRONG = ["", "#FFF", "FFD400", "#FFD4000", "red", "#GGGGGG"]


def colours() -> list[str]:
    """Return greys, edges of the gamut, random colours, and texts that are no colour."""
    chance = random.Random(SEED)
    greys = [f"#{n:02X}{n:02X}{n:02X}" for n in range(0, 256, 5)]
    edges = [
        f"#{r}{g}{b}" for r in ("00", "80", "ff") for g in ("00", "FF") for b in ("00", "7f", "FF")
    ]
    known = [*WRONG, *greys, *edges]
    return known + [f"#{chance.getrandbits(24):06x}" for _ in range(500 - len(known))]
