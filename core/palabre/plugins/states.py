"""What became of each plugin found: its state and one sentence that says why."""

from typing import Literal

from msgspec import Struct

from palabre.base.settings import Environment

State = Literal["active", "failed", "incompatible", "blocked", "duplicate"]
Origin = Literal["builtin", "first_party", "third_party"]


class PluginStatus(Struct, frozen=True, kw_only=True):
    """One plugin found on this machine. ``reason`` is empty when it is active."""

    key: str
    distribution: str
    version: str
    origin: Origin
    state: State
    reason: str = ""


class LoaderOptions(Struct, frozen=True, kw_only=True):
    """What the loader must know of this installation.

    ``allowed`` counts in production only: elsewhere everything installed is loaded. A plugin in
    ``required`` that does not become active stops the process.
    """

    environment: Environment
    allowed: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


class Refusal(Exception):
    """A plugin cannot be used: the state it ends in and why."""

    def __init__(self, state: State, reason: str) -> None:
        self.state = state
        self.reason = reason
        super().__init__(reason)


class RequiredPluginMissing(Exception):
    """A plugin the installation requires did not become active; the process must not start."""
