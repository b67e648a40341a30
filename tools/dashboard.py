"""Judge the dashboard: its types against the API's document, its sentences, its colours.

``bootstrap.py`` has written the types before; without Node this fails rather than passing unseen.
"""

import os
import subprocess
import sys

from bootstrap import DASHBOARD, node_folder


def main() -> int:
    """Return 0 when ``npm run check`` passes."""
    path = f"{node_folder()}{os.pathsep}{os.environ['PATH']}"
    command = ["npm", "run", "--silent", "check"]
    return subprocess.run(
        command, cwd=DASHBOARD, env={**os.environ, "PATH": path}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
