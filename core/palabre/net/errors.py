"""What can go wrong on the way out, told apart by whether anything left."""


class EgressError(Exception):
    """A request without an answer. The text names method, host and cause, never path or query."""


class EgressRefused(EgressError):
    """We do not call this: not https, a forbidden port or spelling, or not a public address."""


class NotSent(EgressError):
    """No byte of the request left: no name, no connection, no TLS, or no time."""


class MaybeSent(EgressError):
    """The request left, at least in part, and no complete answer came."""


class AnswerRefused(MaybeSent):
    """An answer came and is too large or unreadable."""
