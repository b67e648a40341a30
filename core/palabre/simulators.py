"""All simulators of the installed plugins as one ASGI app, each below the hosts it answers for."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from palabre.sdk.faults import Receive, Send
from palabre.sdk.simulator import AsgiApp, AsgiMessage, Simulator, SimulatorHost

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Palabre: simulated platforms</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}}
code{{background:#f1efea;padding:.1rem .3rem;border-radius:4px}}</style></head>
<body><h1>Simulated platforms</h1>
<p>Nothing here reaches a real platform. Each stand-in speaks its platform's wire format.</p>
{rows}</body></html>
"""


def host_table_text(simulators: Sequence[Simulator], origin: str) -> str:
    """Return the text for ``PALABRE_SIMULATED_HOSTS`` that sends every simulated host to here."""
    origin = origin.rstrip("/")
    hosts = [host for simulator in simulators for host in simulator.hosts]
    return ",".join(
        f"{host}={origin}/{'{host}' if host.startswith('*.') else host}" for host in hosts
    )


def simulator_app(simulators: Sequence[Simulator], origin: str, state_dir: Path) -> AsgiApp:
    """Return the app: the first path segment names the platform's host, ``/`` lists them.

    Args:
        simulators: What the plugins offer.
        origin: Scheme, host and port under which browsers reach the app.
        state_dir: Folder in which each simulator gets one of its own.

    Raises:
        ValueError: Two simulators answer for the same host.
    """
    apps: dict[str, AsgiApp] = {}
    for simulator in simulators:
        folder = state_dir / simulator.key
        folder.mkdir(parents=True, exist_ok=True)
        app = simulator.make(SimulatorHost(origin=origin.rstrip("/"), state_dir=folder))
        for host in simulator.hosts:
            if host in apps:
                raise ValueError(f"Two simulators answer for {host}.")
            apps[host] = app
    return _Mount(apps, _index(simulators))


class _Mount:
    def __init__(self, apps: dict[str, AsgiApp], index: str) -> None:
        self._apps = apps
        self._index = index

    async def __call__(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        host = scope["path"].lstrip("/").partition("/")[0].lower()
        app = self._app_for(host)
        if app is not None:
            await app(scope, receive, send)
        elif not host:
            await _text(send, 200, self._index, "text/html; charset=utf-8")
        else:
            await _text(send, 404, "No simulator answers for this host.\n")

    def _app_for(self, host: str) -> AsgiApp | None:
        exact = self._apps.get(host)
        if exact is not None:
            return exact
        wild = (a for h, a in self._apps.items() if h.startswith("*.") and host.endswith(h[1:]))
        return next(wild, None)


async def _live(receive: Receive, send: Send) -> None:
    """Answer the server's start and stop; the apps have neither."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _text(send: Send, status: int, text: str, kind: str = "text/plain") -> None:
    headers: list[Any] = [(b"content-type", kind.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def _index(simulators: Sequence[Simulator]) -> str:
    rows = []
    for simulator in simulators:
        first = escape(simulator.hosts[0])
        links = ", ".join(f"<code>{escape(host)}</code>" for host in simulator.hosts)
        rows.append(
            f"<h2>{escape(simulator.key)}</h2><p>{links}</p><ul>"
            f'<li><a href="/{first}/">Open</a></li>'
            f'<li><a href="/{first}/_palabre/state">What it holds</a></li>'
            f'<li><a href="/{first}/_palabre/faults">Faults switched on</a></li></ul>'
        )
    return _PAGE.format(rows="\n".join(rows))
