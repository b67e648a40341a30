"""How a plugin ships a simulator of its platform: an ASGI app and the hosts it answers for.

The host process mounts the app below the platform's host name, so a request for
``https://graph.example.com/v1/me`` arrives with the path ``/graph.example.com/v1/me`` and the
header ``X-Forwarded-Host: graph.example.com``. A simulator writes real addresses into its answers;
links for browsers are translated when they are shown.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

AsgiMessage = MutableMapping[str, Any]
AsgiApp = Callable[
    [AsgiMessage, Callable[[], Awaitable[AsgiMessage]], Callable[[AsgiMessage], Awaitable[None]]],
    Awaitable[None],
]


class Simulator:
    """A platform stood in for. ``make`` builds the app with a folder to keep its state in."""

    def __init__(
        self,
        key: str,
        *,
        hosts: tuple[str, ...],
        make: Callable[["SimulatorHost"], AsgiApp],
        settings: dict[str, str] | None = None,
    ) -> None:
        """Describe a simulator.

        Args:
            key: The plugin's key.
            hosts: Platform hosts it answers for; the app sees the host as first path segment.
            make: Builds the ASGI app.
            settings: App settings (fields of the plugin's ``app_settings``) that the simulator
                accepts, used by the demo in place of a registered app.
        """
        self.key = key
        self.hosts = hosts
        self.make = make
        self.settings = settings or {}


class SimulatorHost:
    """What a simulator is given: where it is served and where it may keep files."""

    def __init__(self, *, origin: str, state_dir: Path) -> None:
        self.origin = origin
        self.state_dir = state_dir

    def public_link(self, url: str) -> str:
        """Return the address under which a browser reaches a real ``https://host/path`` here."""
        return f"{self.origin}/{url.removeprefix('https://')}"
