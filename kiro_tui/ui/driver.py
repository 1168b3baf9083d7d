"""Textual's terminal driver, with the pane's title put up while the dashboard is there and put back when it is not.

The title is pushed on the terminal's own stack before the first one is written and popped on leaving, also for a
suspend, so that whatever stood there before stands there again.
"""

from textual.drivers.linux_driver import LinuxDriver

PUSH_TITLE = "\x1b[22;2t"
POP_TITLE = "\x1b[23;2t"


class PaneDriver(LinuxDriver):
    """The driver of a pane that says in its title what the gauge says."""

    _pane_title = ""

    def name_pane(self, title: str) -> None:
        """Set the pane's title; the text is already clean."""
        if not self._pane_title:
            self.write(PUSH_TITLE)
        self._pane_title = title
        self.write(f"\x1b]2;{title}\x07")
        self.flush()

    def start_application_mode(self) -> None:
        """Take the terminal over, again after a suspend."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it untyped
        if self._pane_title:
            title, self._pane_title = self._pane_title, ""
            self.name_pane(title)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self._pane_title:
            self.write(POP_TITLE)
        super().stop_application_mode()
