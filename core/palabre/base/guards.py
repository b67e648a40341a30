"""Facts about the running task that other rooms assert."""

from contextvars import ContextVar

transaction_open: ContextVar[bool] = ContextVar("transaction_open", default=False)
"""True while this task holds a database transaction: no network call may start then."""
