"""Screens that are read when they are first opened: neither a launch nor a key should wait for them.

Must import nothing by itself; whoever calls does so off the event loop.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiro_tui.ui.history import HistorySheet
    from kiro_tui.ui.spend import SpendScreen


def history_sheet() -> "type[HistorySheet]":
    """Return the sheet of past readings."""
    from kiro_tui.ui.history import HistorySheet  # noqa: PLC0415 - see above

    return HistorySheet


def spend_screen() -> "type[SpendScreen]":
    """Return the screen of where the credits went on this machine."""
    from kiro_tui.ui.spend import SpendScreen  # noqa: PLC0415 - see above

    return SpendScreen
