"""The journal for those who may not wait: its one thread, so that neither a disk nor a lock ever stops the page.

sqlite3 is imported there too, which is after the first paint. Must never be used after `close`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from kiro_tui.clock import Clock

if TYPE_CHECKING:
    from kiro_tui.journal.store import Journal

T = TypeVar("T")


class Journals(Protocol):
    """Whoever does something with a journal; tests give one that does it on the spot."""

    async def do(self, work: Callable[["Journal"], T]) -> T:
        """Return what the work gives; works are done one at a time, in order."""
        ...


class JournalWorker:
    """A journal in a thread of its own, opened with the first work. `folder` is None where nothing can be kept."""

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._journal: Journal | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def do(self, work: Callable[["Journal"], T]) -> T:
        """Return what the work gives: `await worker.do(lambda journal: journal.latest())`.

        A caller that is cancelled no longer waits for the work, which is done all the same.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(self._opened()))

    def close(self) -> None:
        """Finish what was begun and let go of the file; takes as long as one work at most."""
        if self._journal is not None:
            self._thread.submit(self._journal.close)
        self._thread.shutdown()

    def _opened(self) -> "Journal":
        from kiro_tui.journal.store import Journal  # noqa: PLC0415 - imports sqlite3, for which no launch should wait

        if self._journal is None:
            self._journal = Journal(self._folder, self._clock)
        return self._journal
