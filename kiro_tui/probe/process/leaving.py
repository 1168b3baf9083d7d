"""The programs that were let go and have not left yet, each under a process of its own that ends it if it stays.

Nobody waits for them, except who is about to start the same program again: kiro-cli may still be storing a new sign-in,
and a second one must not start meanwhile. They belong to no event loop: the one on which they were let go may be closed
before they have left. Then the next one hears of them, or, when the app ends, nobody does.
"""

import asyncio
import atexit
from typing import Protocol

from kiro_tui.probe.process.command import Ending


class Leaver(Protocol):
    """A program that was let go."""

    program: str
    """Its path, which says which program it is."""
    discard: str | None
    """The folder that is removed when it has left."""

    @property
    def gone(self) -> asyncio.Future[Ending]:
        """Done when nothing is left of it."""
        ...

    def attach(self) -> None:
        """Go on listening on the event loop that runs now, where the one before is closed."""
        ...

    def forget(self) -> None:
        """Give up all that the app holds of it: it goes on by itself."""
        ...


class Leaving:
    """All programs that were let go and have not left yet."""

    def __init__(self) -> None:
        self._leavers: set[Leaver] = set()
        atexit.register(self._forget_all)

    def add(self, leaver: Leaver) -> None:
        """Note a program that was let go."""
        self._leavers.add(leaver)

    def remove(self, leaver: Leaver) -> None:
        """Note that it has left."""
        self._leavers.discard(leaver)

    def uses(self, folder: str) -> bool:
        """Return whether a program that is leaving will have that folder removed."""
        return any(leaver.discard == folder for leaver in self._leavers)

    async def wait(self, program: str | None = None) -> None:
        """Wait until that program has left, or all have; each has its own limit, so this ends."""
        for leaver in tuple(self._leavers):  # one whose end was missed is removed by this
            leaver.attach()
        while waited_for := [each.gone for each in self._leavers if program in {None, each.program}]:
            await asyncio.wait(waited_for)

    def _forget_all(self) -> None:
        for leaver in self._leavers:
            leaver.forget()


leaving = Leaving()
"""Those of this process."""
