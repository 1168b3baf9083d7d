"""What a command does about the signals that end it: it stops waiting, tidies up, and says which signal it was.

Must never end while a child of ours lives: a signal cancels what is waited for, and whoever was asked has ended what it
had started before this returns.
"""

import asyncio
import signal
from collections.abc import Coroutine
from typing import TypeVar

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Answer = TypeVar("Answer")


async def unless_ended(answer: Coroutine[None, None, Answer]) -> Answer | signal.Signals:
    """Return the answer, or the signal that ended the waiting for it."""
    loop = asyncio.get_running_loop()
    waiting = asyncio.ensure_future(answer)
    received: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        if not received:  # a second one must not disturb the tidying up after the first
            received.append(number)
            waiting.cancel()

    for number in ENDING_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants it ignored
            loop.add_signal_handler(number, end, number)
    await asyncio.wait([waiting])
    if received and (waiting.cancelled() or waiting.exception() is None):
        return received[0]
    return waiting.result()
