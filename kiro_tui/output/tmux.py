"""What is known for tmux's status line: `Kiro 32% 7d`, coloured by level.

Pure. tmux reads what a status line's command prints as a format: must never print a word that came from outside, such
as a plan's name, so that none can become a `#(command)` or a `#[style]`.
"""

from kiro_tui.domain.card import Card
from kiro_tui.output.words import code_of, short

STYLES = {
    "calm": "fg=green",
    "warn": "fg=yellow",
    "high": "fg=red",
    "used-up": "fg=red,bold",
    "spent": "dim",
    "over": "fg=red,bold,reverse",
}
AFTER = "#[default]"


def line(card: Card, now: float, *, stale: bool) -> str:
    """Return the line: `~` stands before what is stale, and `!` with the error's code where nothing is known."""
    if card.figures is None:
        return f"#[{STYLES['high']}]!{code_of(card)}{AFTER}\n"
    first = card.figures.first
    style = STYLES[first.level] if first is not None and first.percent else "dim"
    return f"#[{style}{',dim' if stale and style != 'dim' else ''}]{short(card.figures, now, stale=stale)}{AFTER}\n"
