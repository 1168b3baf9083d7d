"""The formats of a status line, by name; each is a function of a card and of now, and of nothing else.

Pure. Everything here and below it may import nothing that takes time: see `domain.card`. A text of several formats
stands in words.py, so that the same thing is said everywhere. What cannot be said is a dash, and never 0.
"""

from kiro_tui.domain.card import Card

PLAIN = "plain"
"""The text for a person."""
NAMES = (PLAIN, "tmux", "waybar", "prometheus")


def line(card: Card, wanted: str, now: float, interval: float) -> str:
    """Return what is known in the format of that name, or by that template, ending in a newline.

    `now` is Unix time, `interval` the seconds after two of which a reading is stale. Raises template.Mistake.
    """
    # Each format is imported alone: a line is drawn so often that the others would be felt.
    stale = card.is_stale(now, interval)
    if wanted == PLAIN:
        from kiro_tui.output import plain  # noqa: PLC0415 - see above

        return plain.text(card, now, stale=stale)
    if wanted == "tmux":
        from kiro_tui.output import tmux  # noqa: PLC0415 - see above

        return tmux.line(card, now, stale=stale)
    if wanted == "waybar":
        from kiro_tui.output import waybar  # noqa: PLC0415 - see above

        return waybar.line(card, now, stale=stale)
    if wanted == "prometheus":
        from kiro_tui.output import prometheus  # noqa: PLC0415 - see above

        return prometheus.exposition(card)
    from kiro_tui.output import template  # noqa: PLC0415 - see above

    return template.filled(wanted, card, now, stale=stale)
