"""Worker processes for tests: the product's own, in a hurry, with a platform kept in a file.

``python -m tests.faults.worker parent`` supervises children that run this module again.
"""

import asyncio
import json
import os
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from palabre.base.settings import load
from palabre.domains.publishing.timing import Timing
from palabre.jobs.child import run_child
from palabre.jobs.parent import run_parent
from palabre.sdk.context import CallContext
from palabre.sdk.publish import AfterUnknown, PostRequest, Published
from palabre.start import configure_logs
from tests.faults.board import Platform, Post, registry

FILE = "BOARD_FILE"
HURRY = Timing(
    prepare_s=2,
    guard_s=0.5,
    http_s=2,
    watchdog_s=2,
    heartbeat_s=0.2,
    lease_s=2,
    slack_s=0.5,
    tick_s=0.2,
    sweep_s=0.5,
    drain_s=4,
    first_look_s=0.3,
    slowest_look_s=1,
    looks_end_s=600,
    key_life_s=1,
    retry_s=1,
    held_look_s=1,
    busy_s=0.3,
    scale=0.02,
)


class FilePlatform(Platform):
    """A platform that several processes share: one line per post."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    async def publish(self, ctx: CallContext, post: PostRequest, after: AfterUnknown) -> Published:
        """Publish after a moment, and answer after another one."""
        assert ctx.account is not None
        await asyncio.sleep(random.uniform(0.0, 0.3))
        remote_id = os.urandom(6).hex()
        line = {"id": remote_id, "account": ctx.account.id, "text": post.text}
        line["at"] = datetime.now(UTC).isoformat()
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        await asyncio.sleep(random.uniform(0.0, 0.5))
        return Published(remote_id=remote_id)

    def read(self) -> list[Post]:
        """Return every post."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return [
            Post(
                remote_id=line["id"],
                account=line["account"],
                text=line["text"],
                key="",
                visible_at=datetime.fromisoformat(line["at"]),
            )
            for line in map(json.loads, lines)
        ]

    @property
    def posts(self) -> list[Post]:
        """What the file holds now."""
        return self.read()

    @posts.setter
    def posts(self, _value: list[Post]) -> None:
        """The file is the only memory."""


def option(name: str, default: str = "") -> str:
    """Return a command-line option."""
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


def main() -> None:
    """Run the parent, or one child."""
    settings = load(os.environ)
    configure_logs(settings.environment)
    queues = option("--queues", "publish,webhooks").split(",")
    if "parent" in sys.argv:
        command = [sys.executable, "-m", "tests.faults.worker"]
        processes = int(option("--processes", "2"))
        sys.exit(
            run_parent(settings, processes=processes, queues=queues, command=command, timing=HURRY)
        )
    asyncio.run(
        run_child(
            settings,
            queues=queues,
            processes=int(option("--processes", "1")),
            pipe=int(option("--pipe")) if "--pipe" in sys.argv else None,
            timing=HURRY,
            registry=registry(FilePlatform(Path(os.environ[FILE]))),
        )
    )


if __name__ == "__main__":
    main()
