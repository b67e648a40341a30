"""The demo's mailbox: letters stay in their table, where a screen shows them."""

from palabre.mail.smtp import Outgoing


class Catcher:
    """Takes every letter and leaves it where it is."""

    keeps_bodies = True

    async def carry(self, letter: Outgoing) -> None:
        """Take it: it is in its row, and stays there."""

    async def close(self) -> None:
        """There is no connection."""
