"""Commands that tell what is installed."""

import logging
from collections.abc import Iterator, Mapping

from palabre.plugins.loader import load
from palabre.plugins.states import LoaderOptions
from palabre.start import configure_logs


def plugin_lines(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield one line per plugin found: key, version, state and why; needs no database."""
    configure_logs("demo", level=logging.ERROR)  # the lines below say it all
    environment = environ.get("PALABRE_ENV", "production")
    listed = (name.strip() for name in environ.get("PALABRE_PLUGINS", "").split(","))
    options = LoaderOptions(
        environment=environment,  # type: ignore[arg-type]  # any other word counts as production
        allowed=frozenset(name for name in listed if name),
    )
    for status in load(options).statuses:
        line = f"{status.key:<20} {status.version:<10} {status.state:<12} {status.reason}"
        yield line.rstrip()
