"""How programs tell each other that there is something new: each hangs up a bell, and whoever has news rings them all.

A bell is a named pipe in a folder that they share. Waiting for it costs nothing: no timer, no look at any file, and it
rings within a millisecond. One that a killed program left behind has no reader, and whoever rings next takes it down.
Where there can be no pipes nothing is ever heard, and everybody learns by asking in turn. What rings says nothing but
that there is news: must never be used to hand something over.
"""

import asyncio
import errno
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)


class Bell:
    """This program's bell in the folder, which is None where programs cannot share."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._pipe: int | None = None
        self._listeners: set[asyncio.Future[None]] = set()

    async def heard(self) -> None:
        """Return when another program rings. What rang before the bell was hung up with `hang` is not heard."""
        self.hang()
        ringing = asyncio.get_running_loop().create_future()
        self._listeners.add(ringing)
        if self._pipe is not None:
            asyncio.get_running_loop().add_reader(self._pipe, self._on_ringing)
        try:
            await ringing
        finally:
            self._listeners.discard(ringing)
            if self._pipe is not None and not self._listeners:
                asyncio.get_running_loop().remove_reader(self._pipe)

    def ring(self) -> None:
        """Ring the bells of all other programs."""
        if self._folder is None:
            return
        try:
            hanging = list(self._folder.iterdir())
        except FileNotFoundError:  # nobody has hung one up
            return
        except OSError as error:
            _log.warning("Other panes are not told that there is news: %s", error)
            return
        for path in hanging:
            try:
                if path != self._path and not path.name.startswith("."):
                    _ring(path)
            except OSError as error:
                _log.warning("A pane was not told that there is news: %s", error)

    def hang(self) -> None:
        """Hang up the bell, where it does not hang yet or was taken away."""
        if self._folder is None or self._listeners or (self._path and self._path.exists()):
            return
        self.close()
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        # It appears under its name when it has a reader, as it would be taken down without one.
        hidden = self._folder / f".{name}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            os.mkfifo(hidden, 0o600)
            # For writing too: a pipe without a writer is at its end, and an end rings all the time.
            self._pipe = os.open(hidden, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            self._path = hidden.rename(self._folder / name)
        except OSError as error:
            _log.warning("Other panes cannot be heard, so they are noticed later: %s", error)
            self._folder = None

    def close(self) -> None:
        """Take down the bell."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _on_ringing(self) -> None:
        if self._pipe is not None:
            with suppress(BlockingIOError):
                os.read(self._pipe, 4096)
        for listener in self._listeners:
            if not listener.done():
                listener.set_result(None)


def _ring(path: Path) -> None:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:  # just taken down
        return
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        path.unlink(missing_ok=True)  # nobody reads it any more
        return
    try:
        with suppress(BlockingIOError, BrokenPipeError):  # it rings already; it was just taken down
            os.write(pipe, b"!")
    finally:
        os.close(pipe)
