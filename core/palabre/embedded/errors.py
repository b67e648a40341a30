"""What can go wrong while starting or stopping our own servers and processes."""


class EmbeddedError(Exception):
    """A server or process of the demo cannot run; the message says what to do."""
