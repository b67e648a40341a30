"""A switch for faults in front of any simulator: an ASGI wrapper, standard library and msgspec.

Below every simulated host, ``/_palabre/faults`` lists (GET), adds (POST) and clears (DELETE) the
rules. A rule acts on the next ``count`` requests that fit it:

========== =====================================================================================
kind       what the caller and the platform see
========== =====================================================================================
latency    the request is served ``delay_s`` later
before     the given answer; the platform did nothing
after      the platform acts, the caller gets the given answer instead of the true one
hang       the platform acts, the caller never gets an answer
late       the given answer at once; the platform acts ``delay_s`` later
========== =====================================================================================
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from palabre.sdk.simulator import AsgiApp, AsgiMessage

SWITCH_PATH: Final = "/_palabre/faults"
MAX_BODY: Final = 64 * 1024 * 1024

Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]


class FaultAnswer(Struct, frozen=True, kw_only=True):
    """What the caller gets instead of the true answer."""

    status: int = 500
    body: str = ""
    headers: dict[str, str] = {}


class FaultRule(Struct, kw_only=True):
    """One fault. ``path`` is a shell pattern over the path below the host, such as ``*/feed``."""

    kind: Literal["latency", "before", "after", "hang", "late"]
    path: str = "*"
    method: str = "*"
    count: int | None = None
    """Requests it acts on; None: until cleared."""
    delay_s: float = 0.0
    answer: FaultAnswer = FaultAnswer()
    preset: str = ""
    """Name of the platform's own answer that fills ``answer``; listed by GET."""
    hits: int = 0


class FaultSwitch:
    """Wraps a simulator's app and makes it fail as told."""

    def __init__(self, app: AsgiApp, presets: Mapping[str, FaultAnswer] | None = None) -> None:
        """Wrap ``app``; ``presets`` are the platform's own error answers by name."""
        self._app = app
        self._presets = dict(presets or {})
        self._later: set[asyncio.Task[None]] = set()
        self.rules: list[FaultRule] = []

    def add(self, rule: FaultRule) -> FaultRule:
        """Switch a fault on.

        Raises:
            ValueError: There is no such preset.
        """
        if rule.preset:
            if rule.preset not in self._presets:
                raise ValueError(f"No preset {rule.preset!r}; there are {sorted(self._presets)}.")
            rule.answer = self._presets[rule.preset]
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Switch every fault off."""
        self.rules.clear()

    async def __call__(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        """Serve one request, or its fault."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].endswith(SWITCH_PATH):
            await self._serve_switch(scope, receive, send)
        elif (rule := self._take(scope)) is None:
            await self._app(scope, receive, send)
        else:
            await self._serve_fault(rule, scope, receive, send)

    def _take(self, scope: AsgiMessage) -> FaultRule | None:
        path = "/" + scope["path"].lstrip("/").partition("/")[2]
        for rule in self.rules:
            fits = fnmatchcase(path, rule.path) and rule.method in ("*", scope["method"])
            if fits and (rule.count is None or rule.hits < rule.count):
                rule.hits += 1
                return rule
        return None

    async def _serve_fault(
        self, rule: FaultRule, scope: AsgiMessage, receive: Receive, send: Send
    ) -> None:
        body = await _read(receive)
        if rule.kind == "latency":
            await asyncio.sleep(rule.delay_s)
            await self._app(scope, _replay(body, receive), send)
            return
        if rule.kind == "late":
            self._act_later(scope, body, rule.delay_s)
        elif rule.kind in ("after", "hang"):
            await self._act(scope, body)
        if rule.kind == "hang":
            await _until_disconnected(receive)
        else:
            await _answer(send, rule.answer)

    async def _act(self, scope: AsgiMessage, body: bytes) -> None:
        """Let the platform do its work and drop what it says."""

        async def drop(_message: AsgiMessage) -> None:
            return None

        await self._app(scope, _replay(body, _never), drop)

    def _act_later(self, scope: AsgiMessage, body: bytes, delay_s: float) -> None:
        async def land() -> None:
            await asyncio.sleep(delay_s)
            await self._act(scope, body)

        task = asyncio.create_task(land())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _serve_switch(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            try:
                self.add(msgspec.json.decode(await _read(receive), type=FaultRule))
            except (msgspec.MsgspecError, ValueError) as error:
                await _answer(send, _as_json({"error": str(error)}, 422))
                return
        elif scope["method"] == "DELETE":
            self.clear()
        state = {"rules": msgspec.to_builtins(self.rules), "presets": sorted(self._presets)}
        await _answer(send, _as_json(state))


def _as_json(value: Any, status: int = 200) -> FaultAnswer:
    return FaultAnswer(
        status=status, body=json.dumps(value), headers={"content-type": "application/json"}
    )


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
        if len(body) > MAX_BODY:
            raise ValueError("The request is too large for a simulator.")


def _replay(body: bytes, then: Receive) -> Receive:
    """Return a receive that gives ``body`` once and goes on with ``then``."""
    given = False

    async def receive() -> AsgiMessage:
        nonlocal given
        if given:
            return await then()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _never() -> AsgiMessage:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _answer(send: Send, answer: FaultAnswer) -> None:
    headers = [(k.lower().encode(), v.encode()) for k, v in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body.encode()})
