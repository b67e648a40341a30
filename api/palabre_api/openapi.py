"""Writes the OpenAPI document to a file: ``python -m palabre_api.openapi api/openapi.json``.

The dashboard generates its types from that file; no server, database or Redis is needed.
"""

import sys
from pathlib import Path

from palabre.base.settings import Settings
from palabre_api.app import create_app
from palabre_api.docs import schema


def write_openapi(path: Path) -> None:
    """Write the document of the API to ``path``."""
    settings = Settings(
        environment="test",
        database_url="",
        redis_url="",
        public_url="http://127.0.0.1:8800",
        content_url="http://127.0.0.1:8800",
        state_dir=Path(),
        master_keys="",
        signing_key="",
    )
    path.write_bytes(schema.write_openapi(create_app(settings)))


if __name__ == "__main__":
    write_openapi(Path(sys.argv[1]))
