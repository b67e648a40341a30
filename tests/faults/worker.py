"""A worker process for tests: the product's own, with durations a hundred times shorter."""

import argparse
import asyncio
import os

from palabre.base.settings import load
from palabre.domains.publishing.timing import Timing
from palabre.jobs.child import run_child
from palabre.start import configure_logs

SCALE = 0.02
"""A lease lasts 1.2 s, a silent process 1.2 s, the settle time of the simulator about 9 s."""


def timing() -> Timing:
    """Return the product's durations, scaled; calls over loopback keep a little more room."""
    return Timing().scaled(SCALE)


def main() -> None:
    """Start as the parent does."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--queues", required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--pipe", type=int)
    chosen = parser.parse_args()
    settings = load(os.environ)
    configure_logs(settings.environment)
    asyncio.run(
        run_child(
            settings,
            queues=chosen.queues.split(","),
            processes=chosen.processes,
            pipe=chosen.pipe,
            timing=timing(),
        )
    )


if __name__ == "__main__":
    main()
