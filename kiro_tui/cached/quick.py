"""The short way to a status line or a guard: from the card and the note alone, in about the time that Python starts in.

Answers only where nothing can be different on the long way: every option is one of a few, no variable of ours is set,
the settings file looks as it did when it was read last, and the card can be read. Everything else, a mistake in a
template too, is left to the long way. Must never import what takes time, and never ask kiro-cli itself.
"""

from __future__ import annotations

import os
from time import time

from kiro_tui.cached.cards import card_path, read_card
from kiro_tui.cached.note import Note, read_note
from kiro_tui.folders import config_folder, state_folder
from kiro_tui.output.guard import MAX_AGE, TOO_LITTLE, enough, too_little
from kiro_tui.output.lines import PLAIN, line
from kiro_tui.output.words import trouble_of
from kiro_tui.scope import OURS, key_of, scope

TYPE_CHECKING = False  # typing's own takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kiro_tui.domain.card import Card

FLAGS = {"status": {"--cached", "--refresh-in-background"}, "guard": {"--fail-open"}}
VALUED = {"status": {"--format", "--max-age"}, "guard": {"--min-remaining", "--window", "--max-age"}}
LONGEST_NUMBER = 7
"""Digits of an age that is surely no mistake."""

Options = dict[str, str]


def answered(argv: Sequence[str], environment: Mapping[str, str]) -> int | None:
    """Print what was asked for and return the exit status; None where nothing was printed and the long way is due."""
    options = _options(argv)
    if options is None or any(name.startswith(OURS) for name in environment):
        return None
    folder, config = state_folder(environment), config_folder(environment)
    if folder is None or config is None:
        return None
    note = read_note(folder, os.path.join(config, "config.toml"))
    if note is None:
        return None
    key = key_of(scope(note.kiro_cli, note.ways, environment))
    card = read_card(card_path(folder, key))
    if card is None:
        return None
    if argv[0] == "guard":
        return _guard(options, card)
    return _status(options, card, note, (folder, key), environment)


def _options(argv: Sequence[str]) -> Options | None:
    """Return the options of a command that may need no kiro-cli, None where it may be anything else."""
    if not argv or argv[0] not in FLAGS:
        return None
    flags, valued, options, rest = FLAGS[argv[0]], VALUED[argv[0]], Options(), list(argv[1:])
    while rest:
        name, has_value, value = rest.pop(0).partition("=")
        if name in flags and not has_value:
            options[name] = ""
        elif name in valued and name not in options and (has_value or (rest and not rest[0].startswith("-"))):
            options[name] = value if has_value else rest.pop(0)
        else:
            return None
    return options


def _status(
    options: Options, card: Card, note: Note, where: tuple[str, str], environment: Mapping[str, str]
) -> int | None:
    cached, aged, behind = ("--" + name in options for name in ("cached", "max-age", "refresh-in-background"))
    max_age, now = _seconds(options.get("--max-age"), note.interval), time()
    wanted = options.get("--format", PLAIN)
    if max_age is None or (cached and aged) or not (cached or aged or behind):
        return None
    if aged and not behind and not _is_answer(card, now, max_age):
        return None
    try:
        said = line(card, wanted, now, note.interval)
    except ValueError:  # a template that the long way explains
        return None
    if not _written(1, said):
        return None
    if behind:
        _ask_behind(card, now, max_age, where, environment)
    return _complained(card)


def _ask_behind(card: Card, now: float, max_age: float, where: tuple[str, str], environment: Mapping[str, str]) -> None:
    from kiro_tui.cached.behind import ask_behind, asking, cannot, is_due  # noqa: PLC0415 - only where it is wanted

    if is_due(card, now, max_age):
        try:
            ask_behind(*where, asking(max_age), environment, now)
        except OSError as error:
            _written(2, f"kiro-tui: {cannot(error)}\n")


def _guard(options: Options, card: Card) -> int | None:
    max_age, now, window = _seconds(options.get("--max-age"), MAX_AGE), time(), options.get("--window", "plan")
    if max_age is None or card.figures is None or not _is_answer(card, now, max_age):
        return None
    from kiro_tui.domain.enough import WINDOWS, decisive, minimum_of  # noqa: PLC0415 - a status line needs no Decimal

    minimum = minimum_of(options.get("--min-remaining", ""))
    if minimum is None or window not in WINDOWS:
        return None
    pot = decisive(card.figures, window, minimum, now)
    if pot is None:
        return None
    if pot.has(minimum):
        return 0 if _written(1, enough(pot, now)) else None
    _written(2, f"kiro-tui: {too_little(pot, minimum, now)}\n")
    return TOO_LITTLE


def _is_answer(card: Card, now: float, max_age: float) -> bool:
    """Whether the reading is young enough, in seconds, that nobody need ask."""
    return card.trouble is None and card.is_younger(now, max_age)


def _complained(card: Card) -> int:
    """Tell what went wrong on stderr, as the long way does, and return the exit status."""
    trouble = trouble_of(card)
    if trouble is None:
        return 0
    _written(2, "".join(f"{text}\n" for text in (f"kiro-tui: {trouble.message}", trouble.hint) if text))
    return trouble.status


def _written(stream: int, text: str) -> bool:
    """Write, and return whether that was possible; where stdout takes nothing, the long way says what is wrong."""
    data = text.encode(errors="backslashreplace")
    try:
        while data:
            data = data[os.write(stream, data) :]
    except OSError:
        return False
    return True


def _seconds(text: str | None, otherwise: float) -> float | None:
    """Return the seconds that an option says, None where it may be a mistake."""
    if text is None:
        return otherwise
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None
