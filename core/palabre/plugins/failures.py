"""Translate what a plugin raised or returned into the closed taxonomy, without secrets."""

import inspect
import traceback
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from palabre.plugins.redaction import redact, secrets_in
from palabre.sdk.errors import INTERNAL_CAP, PluginBug, PluginError, Transient, UnknownOutcome


def normalise(
    error: BaseException, label: str, *, mutating: bool, secrets: Iterable[Any]
) -> PluginError:
    """Return the error of the taxonomy that stands for ``error``.

    Args:
        error: What the plugin raised.
        label: Plugin, version and operation.
        mutating: Whether the operation changes something at the platform.
        secrets: Values that hold the secrets of this call; their texts are taken out.
    """
    known = list(secrets_in(*secrets))
    if isinstance(error, PluginError) and type(error) is not PluginError:
        error.internal = redact(error.internal, known)
        error.args = (error.internal,)
        return error
    if isinstance(error, TimeoutError):
        return timed_out(label, mutating=mutating)
    text = redact(str(error), known)
    return PluginBug(f"{label} raised {type(error).__name__} at {_where(error)}: {text}")


def timed_out(label: str, *, mutating: bool) -> PluginError:
    """Return what a timeout means: unknown where something may have been changed."""
    kind = UnknownOutcome if mutating else Transient
    return kind(f"{label} did not end in time")


def wrong_type(label: str, result: Any) -> PluginBug:
    """Return the error for a result of the wrong type; its value is not repeated."""
    if inspect.iscoroutine(result):
        result.close()
    items = ""
    if isinstance(result, list | tuple):
        items = " of " + ", ".join(sorted({type(item).__name__ for item in result}))
    return PluginBug(f"{label} returned {type(result).__name__}{items}"[:INTERNAL_CAP])


def _where(error: BaseException) -> str:
    """Return file and line of the innermost frame; texts of source lines may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
