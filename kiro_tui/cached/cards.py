"""The card as a small file: one field a line, so that it is read without a library.

Lines are a name and values behind it, with tabs between; a value from outside has been cleaned and holds neither tab
nor line break. The last line says that it is all there. Whatever cannot be read is no card, and no error.
"""

import os

from kiro_tui.domain.card import Card, Figures, Overage, Pool, Trouble

FORM = "kiro-tui card 1"
END = "end"
MOST_BYTES = 64 << 10
KINDS = ("plan", "bonus", "add_on")
LEVELS = ("calm", "warn", "high", "used-up", "spent", "over")
LONGEST_AMOUNT = 40
MOST_DAYS = 36_500
LAST_MOMENT = 253_000_000_000.0
"""In the year 9987: all time zones have dates until then."""


def card_path(folder: str, key: str) -> str:
    """Return where the card of a scope is."""
    return os.path.join(folder, f"card-{key}")


def read_card(path: str) -> Card | None:
    """Return the card that is kept there, None where there is none that can be read."""
    text = read_small(path)
    return None if text is None else card_in(text)


def read_small(path: str) -> str | None:
    """Return a small file of ours, None where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) <= MOST_BYTES else None


def text_of(card: Card) -> str:
    """Return the card as text for `card_in`."""
    lines: list[tuple[str, ...]] = [(FORM,)]
    if card.figures is not None:
        lines += _lines_of(card.figures)
    if (trouble := card.trouble) is not None:
        lines.append(("trouble", repr(trouble.at), trouble.code, str(trouble.status), trouble.message, trouble.hint))
    return "".join("\t".join(line) + "\n" for line in [*lines, (END,)])


def card_in(text: str) -> Card | None:
    """Return the card that the text holds; None where it is cut off, of a newer kiro-tui, or none at all."""
    first, *lines = text.split("\n")
    if first != FORM or lines[-2:] != [END, ""]:
        return None
    try:
        return _card([line.split("\t") for line in lines[:-2]])
    except (ValueError, IndexError):
        return None


def _lines_of(figures: Figures) -> list[tuple[str, ...]]:
    head = ("figures", repr(figures.taken_at), figures.plan, figures.way, figures.version, _flag(figures.managed))
    lines: list[tuple[str, ...]] = [head]
    for pool in figures.pools:
        ends_at = "" if pool.ends_at is None else repr(pool.ends_at)
        days = "" if pool.ends_in_days is None else str(pool.ends_in_days)
        amounts = (pool.used, pool.limit, pool.remaining, pool.percent)
        lines.append(
            (
                *("pool", pool.kind, pool.label, pool.level, *amounts),
                *(_flag(pool.at_least), ends_at, days, pool.over, *_as_of(pool.as_of)),
            )
        )
    if (overage := figures.overage) is not None:
        said = (overage.credits, overage.cost, overage.currency, overage.words)
        lines.append(("overage", _flag(overage.enabled), *said, *_as_of(overage.as_of)))
    return [*lines, *(("note", note) for note in figures.notes)]


def _as_of(moment: float | None) -> tuple[str, ...]:
    """Return the last field of a line, which a card of the version before does not have."""
    return () if moment is None else (repr(moment),)


def _card(lines: list[list[str]]) -> Card:
    by_name: dict[str, list[list[str]]] = {"figures": [], "pool": [], "overage": [], "note": [], "trouble": []}
    for name, *values in lines:
        if name not in by_name:
            raise ValueError(name)
        by_name[name].append(values)
    figures: Figures | None = None
    for taken_at, plan, way, version, managed in by_name["figures"]:
        pools = tuple(map(_pool, by_name["pool"]))
        overage = next(map(_overage, by_name["overage"]), None)
        notes = tuple(text for (text,) in by_name["note"])
        figures = Figures(_moment(taken_at), plan, way, version, _is(managed), pools, overage, notes)
    trouble: Trouble | None = None
    for at, code, status, message, hint in by_name["trouble"]:
        trouble = Trouble(_moment(at), code, int(status) & 255, message, hint)
    return Card(figures, trouble)


def _overage(values: list[str]) -> Overage:
    enabled, beyond, cost, currency, words, *as_of = values
    return Overage(_is(enabled), _amount(beyond), _amount(cost), currency, words, _only_moment(as_of))


def _pool(values: list[str]) -> Pool:
    kind, label, level, used, limit, remaining, percent, at_least, ends_at, days, over, *as_of = values
    if kind not in KINDS or level not in LEVELS:
        raise ValueError(kind, level)
    return Pool(
        kind,
        label,
        level,
        _amount(used),
        _amount(limit),
        _amount(remaining),
        _amount(percent),
        at_least=_is(at_least),
        ends_at=_moment(ends_at) if ends_at else None,
        ends_in_days=min(int(days), MOST_DAYS) if days else None,
        over=_amount(over),
        as_of=_only_moment(as_of),
    )


def _only_moment(fields: list[str]) -> float | None:
    """Return the moment of a field that may be missing; raises ValueError where there are more."""
    if not fields:
        return None
    (text,) = fields
    return _moment(text)


def _amount(text: str) -> str:
    """Return the text of an amount; raises ValueError where it is none."""
    digits = text.replace(".", "", 1)
    if text and not (text.isascii() and digits.isdecimal() and text[0] != "." and len(text) <= LONGEST_AMOUNT):
        raise ValueError(text)
    return text


def _moment(text: str) -> float:
    """Return seconds of Unix time that are a date; raises ValueError where they are none."""
    moment = float(text)
    if not 0 <= moment < LAST_MOMENT:  # which nan is not either
        raise ValueError(text)
    return moment


def _flag(value: bool) -> str:  # noqa: FBT001 - it is what it says
    return "1" if value else "0"


def _is(text: str) -> bool:
    return bool(("0", "1").index(text))
