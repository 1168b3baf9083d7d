"""Kiro's session files, as the Spend screen asks for them: by a thread of its own, and never changed.

What reads them is imported when they are first asked for: no launch waits for it.
"""

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from kiro_tui.domain.text import clean
from kiro_tui.spend.root import Sources

if TYPE_CHECKING:
    from collections.abc import Generator

    from kiro_tui.domain.spend import Session, Turn
    from kiro_tui.spend.ledger import Ledger, Progress


@dataclass(frozen=True, slots=True)
class SessionFiles:
    """The sessions of some folders, and where their sums are kept for the next time; None keeps them nowhere."""

    sources: Sources
    state_folder: Path | None
    zone: tzinfo | None = None
    """Whose days are counted; None is the machine's own."""

    @property
    def where(self) -> str:
        """The folders, fit to be shown."""
        return clean(self.sources.described)

    def read(self) -> "Generator[Progress | Ledger]":
        """Yield the progress, and the ledger as the last item; closing it stops the reading."""
        from kiro_tui.spend import ledger  # noqa: PLC0415 - see above

        return ledger.read(self.sources, self.state_folder, self.zone)

    def turns_of(self, session: "Session") -> "tuple[Turn, ...]":
        """Return a session's turns, the latest first."""
        from kiro_tui.spend import ledger  # noqa: PLC0415 - see above

        return ledger.turns_of(session)
