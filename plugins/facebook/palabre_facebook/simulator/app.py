"""The simulator as an ASGI app: hosts by first path segment, inspection, fault switch in front."""

from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from palabre.sdk.faults import FaultSwitch
from palabre.sdk.simulator import AsgiApp, SimulatorHost
from palabre_facebook.simulator.answers import PRESETS
from palabre_facebook.simulator.edges import Edges
from palabre_facebook.simulator.graph import GraphHost
from palabre_facebook.simulator.login import Login
from palabre_facebook.simulator.state import Store
from palabre_facebook.simulator.website import Website, state_report

DEMO_APP: Final = {"app_id": "880012345678901", "app_secret": "simulated-app-secret"}
"""The registration the simulator knows. Not a secret: it opens nothing but the simulator."""
METHODS: Final = ["GET", "POST", "DELETE"]


def make_app(host: SimulatorHost) -> AsgiApp:
    """Build the app; its state lives in ``host.state_dir``."""
    store = Store(host.state_dir)
    login = Login(store, DEMO_APP["app_id"], DEMO_APP["app_secret"])
    graph = GraphHost(store, login, Edges(store))
    website = Website(store, login, host.public_link("https://www.facebook.com"))

    async def serve(request: Request) -> Response:
        path = request.path_params["path"]
        if path == "_palabre/state":
            return JSONResponse(state_report(store))
        site = website if request.path_params["host"] == "www.facebook.com" else graph
        answer = await site.serve(request, path)
        store.note_call(request.method, request.url.path, answer.status_code)
        return answer

    app = Starlette(routes=[Route("/{host}/{path:path}", serve, methods=METHODS)])
    return FaultSwitch(app, PRESETS)
