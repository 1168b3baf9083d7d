"""Textual's terminal driver, made for a pane that is left open all day.

Two things are different. The thread that reads keys sleeps until there is a key, where Textual's looks ten times a
second, which is all that an idle dashboard would cost. And the pane's title is pushed on the terminal's own stack
before the first one is written and popped on leaving, also for a suspend, so that what stood there stands there again.
"""

import asyncio
import errno
import os
import select
import signal
import termios
from codecs import getincrementaldecoder

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

PUSH_TITLE = "\x1b[22;2t"
POP_TITLE = "\x1b[23;2t"
CHUNK = 4096
LOOKS_AFTER_A_KEY = 2
"""A lone escape is a key of its own once nothing has followed it for a while; the first look may come too early."""


class PaneDriver(LinuxDriver):
    """The driver of a pane that costs nothing at rest and says in its title what the gauge says."""

    _pane_title = ""
    _wake_end = _waker = -1
    """A pipe, open from one start of the application mode to the close after it."""

    def name_pane(self, title: str) -> None:
        """Set the pane's title; the text is already clean."""
        if not self._pane_title:
            self.write(PUSH_TITLE)
        self._pane_title = title
        self.write(f"\x1b]2;{title}\x07")
        self.flush()

    def start_application_mode(self) -> None:
        """Take the terminal over, again after a suspend."""
        self._wake_end, self._waker = os.pipe()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it untyped
        if self._pane_title:
            title, self._pane_title = self._pane_title, ""
            self.name_pane(title)
        # On the event loop: Textual's own handlers write to the terminal wherever the signal finds them, and where that
        # is within another write they wait for ever for a lock that they hold themselves.
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self._sigtstp_application)
        loop.add_signal_handler(signal.SIGCONT, self._sigcont_application)
        loop.add_signal_handler(signal.SIGWINCH, self._tell_size)

    def _tell_size(self) -> None:
        """Pass on how large the pane is now.

        The size is read on the event loop: in a signal handler of Textual's kind a second signal can overtake the
        first between its look at the size and its word about it, and the older size would stay.
        """
        size = Size(*self._get_terminal_size())
        self._app.post_message(events.Resize(size, size))

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was."""
        if self._pane_title:
            self.write(POP_TITLE)
        super().stop_application_mode()

    def disable_input(self) -> None:
        """Stop reading keys: wake the thread that does, so that it need not be waited for."""
        if self._waker >= 0:
            os.write(self._waker, b"\0")
        super().disable_input()

    def close(self) -> None:
        """Let go of what this driver opened."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()
        if self._waker >= 0:
            os.close(self._waker)
            os.close(self._wake_end)
            self._wake_end = self._waker = -1

    def write(self, data: str) -> None:
        """Write to the terminal, or nowhere once it is gone: then the thread that writes has ended."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def _sigcont_application(self, *_signal: object) -> None:
        """Take the terminal over again, also where the stop came unannounced (SIGSTOP); never one that has hung up.

        A terminal that hangs up sends SIGCONT too, after SIGHUP. Textual would start a second time on it, and then
        wait for ever for somebody to take what it writes.
        """
        if not self._must_signal_resume:
            if self._is_gone():
                return
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()

    def _is_gone(self) -> bool:
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            return True
        return False

    def _keys(self) -> bytes:
        """Return what was typed; nothing where the terminal has hung up."""
        try:
            return os.read(self.fileno, CHUNK)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""

    def run_input_thread(self) -> None:
        """Read keys until told to stop or until the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        looks = 0
        while not self.exit_event.is_set():
            patience = constants.ESCAPE_DELAY if looks else None
            ready, _, _ = select.select([self.fileno, self._wake_end], [], [], patience)
            looks = max(looks - 1, 0)
            if self.fileno in ready:
                keys = self._keys()
                if not keys:
                    # The system tells only the leader of the session, which may be a script or make that waits for us.
                    os.kill(os.getpid(), signal.SIGHUP)
                    return
                looks = LOOKS_AFTER_A_KEY
                for message in parser.feed(decode(keys)):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
