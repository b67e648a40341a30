"""Every duration of publishing in one place, and the inequalities that make it safe."""

from msgspec import Struct


class Timing(Struct, frozen=True, kw_only=True):
    """Durations in seconds. Their relations matter, not the numbers: tests run them scaled.

    A process that stopped for longer than ``watchdog_s`` is killed, so an intention to send ends
    at the latest ``watchdog_s + guard_s + http_s`` after it was written down.
    """

    prepare_s: float = 150.0
    """Everything that may be repeated before the send: uploads, containers."""
    guard_s: float = 2.0
    """Longest time between the committed intent and the send."""
    http_s: float = 75.0
    """The one call that makes a post visible, waiting for its turn included."""
    watchdog_s: float = 60.0
    """A silent worker process is killed after this."""
    heartbeat_s: float = 5.0
    lease_s: float = 60.0
    """A hold that is not renewed ends after this; renewed every third of it."""
    slack_s: float = 10.0
    """Reserve for writing an outcome before a lease ends."""
    tick_s: float = 1.0
    sweep_s: float = 10.0
    drain_s: float = 100.0
    """Running jobs may finish this long after SIGTERM."""
    first_look_s: float = 30.0
    """First search after an outcome nobody knows; later ones take longer."""
    slowest_look_s: float = 900.0
    looks_end_s: float = 86_400.0
    """After this a person is asked."""
    key_life_s: float = 600.0
    """How long a platform's own idempotency key is trusted; the shortest of the sheets is 1 h."""
    retry_s: float = 1800.0
    """Between the tries after a definite failure of the platform (NFR-R01)."""
    held_look_s: float = 600.0
    busy_s: float = 30.0
    """Postponement when the same content is on its way to the same account."""
    stale_s: float = 86_400.0
    """Later than this a person decides whether a publication still makes sense."""
    scale: float = 1.0
    """Factor on durations that plugins declare."""

    def __post_init__(self) -> None:
        """Refuse numbers that would not be safe.

        Raises:
            ValueError: An inequality does not hold.
        """
        relations = {
            "lease > 3 ticks": self.lease_s > 3 * self.tick_s,
            "sending lease > guard + http": self.sending_lease_s > self.sending_s,
            "drain > guard + http": self.drain_s > self.sending_s,
            "watchdog > 3 heartbeats": self.watchdog_s > 3 * self.heartbeat_s,
            "settle > watchdog + guard + http": self.settle(0.0)
            >= self.watchdog_s + self.sending_s,
        }
        broken = [name for name, holds in relations.items() if not holds]
        if broken:
            raise ValueError(f"These durations are not safe: {', '.join(broken)}")

    @property
    def sending_s(self) -> float:
        """From the committed intent to the end of the send."""
        return self.guard_s + self.http_s

    @property
    def sending_lease_s(self) -> float:
        """The hold taken with the intent: nobody else looks before the send has ended."""
        return self.sending_s + self.slack_s

    @property
    def job_s(self) -> float:
        """Longest life of one job."""
        return self.prepare_s + self.sending_s + self.slack_s

    def settle(self, declared_s: float) -> float:
        """Return how long after an intent its post may still appear.

        Args:
            declared_s: The kind's ``settle_s``: late landing and listing lag of the platform.
        """
        return self.watchdog_s + self.sending_s + declared_s * self.scale

    def scaled(self, factor: float) -> "Timing":
        """Return the same relations ``factor`` times as long, for tests."""
        values = {name: getattr(self, name) * factor for name in self.__struct_fields__}
        return Timing(**values)
