"""Keys are heard between any two things that Textual does.

A screen that opens or changes its size is laid out and drawn several times over, by events that wait for nothing: all
of them would run in one turn of the event loop. Must never change what is done, or in which order.
"""

from textual.events import Event
from textual.message_pump import MessagePump

from kiro_tui.clock import next_turn


class Interleaved(MessagePump):
    """Handles each event in a turn of its own; stands before Textual's class among the bases."""

    async def on_event(self, event: Event) -> None:
        """Do what Textual does, and let others go on before the next event."""
        await super().on_event(event)
        await next_turn()
