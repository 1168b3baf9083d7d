"""A status line by the person's own template: `{percent:.0f}% {remaining} left, {resets_in}`.

Pure. A field is a name, perhaps with a format behind a colon, as Python writes it; there are the fields of FIELDS and
nothing else: no attributes, no indices, no conversions, and no width that fills a disk. Every mistake is found before
anything is said, whatever is known then. What is unknown is a dash, as wide as the number would be. In words that came
from outside, whatever a bar could take for markup is `_`.
"""

from kiro_tui.domain.card import Card, Figures, seconds_left
from kiro_tui.output.words import SIGNS, STALE, UNKNOWN, amount, code_of, limit, time_left

FIELDS = {
    "percent": "used share of the first allowance in percent, a number",
    "percent_left": "what is left of it in percent, never below 0, a number",
    "used": "credits used of it, a number",
    "limit": "credits that it holds, a number",
    "remaining": "credits left of it, never below 0, a number",
    "label": "what it is called",
    "resets_in": "when it is reset or expires: 7d 22h, 15d, now",
    "days": "whole days until then, a number",
    "level": "calm, warn (75 % and more), high (90 %), used-up, spent or over",
    "sign": "nothing, !, !! or over, by the level",
    "bonus_remaining": "credits left of all bonuses together, a number",
    "overage_credits": "credits used beyond the plan, a number",
    "overage_cost": "what they cost, a number",
    "plan": "the plan: Kiro Pro+",
    "age": "minutes since it was read, a number",
    "stale": "~ when it may be out of date, or nothing",
    "error": "the code of the error of the last question, or nothing",
}
"""Every field with its explanation."""
WORDS = {"label", "resets_in", "level", "sign", "plan", "stale", "error"}
"""The fields that are no numbers."""
WHOLE = {"days", "age"}
TYPES = "fFeEgG%d"
LONGEST = 1000
WIDEST = 100
MARKUP = "#$%&<>[]{}`|;\\\"'^"
DAY = 86400.0
MINUTE = 60.0


Said = tuple[str, float | None]
"""How a field says itself, and the number that it is, where it is one."""
NOTHING: Said = (UNKNOWN, None)


class Mistake(ValueError):
    """What is wrong with a template, in a person's words."""


def filled(template: str, card: Card, now: float, *, stale: bool) -> str:
    """Return the template with its fields filled in, ending in a newline; raises Mistake."""
    parts = parsed(template)
    said = _said(card, now, stale=stale)
    return "".join(text + (_formatted(name, said[name], spec) if name else "") for text, name, spec in parts) + "\n"


def parsed(template: str) -> list[tuple[str, str, str]]:
    """Return the template's pieces: a text, and the field behind it ("" for none) with its format; raises Mistake."""
    if len(template) > LONGEST:
        raise Mistake(f"expected at most {LONGEST} characters, found {len(template)}")
    parts, text, at = [], "", 0
    while at < len(template):
        here, double = template[at], template[at : at + 2]
        if double in {"{{", "}}"}:
            text, at = text + here, at + 2
        elif here == "{":
            end = template.find("}", at)
            if end < 0:
                raise Mistake("a { is not closed; a brace itself is written {{")
            name, _, spec = template[at + 1 : end].partition(":")
            parts.append((text, *_checked(name, spec)))
            text, at = "", end + 1
        elif here == "}":
            raise Mistake("a } closes nothing; a brace itself is written }}")
        else:
            text, at = text + here, at + 1
    return [*parts, (text, "", "")]


def _checked(name: str, spec: str) -> tuple[str, str]:
    if name not in FIELDS:
        raise Mistake(f"unknown field {name[:40]!r}; the fields are {', '.join(FIELDS)}")
    sizes = "".join(each if each.isdecimal() else " " for each in spec).split()
    if not spec.isascii() or any(len(size) > len(str(WIDEST)) or int(size) > WIDEST for size in sizes):
        raise Mistake(f"{name}: expected a format of at most {WIDEST} columns, found {spec[:40]!r}")
    if not _is_accepted(name, spec):
        kind = "text, as in >10" if name in WORDS else "a number, as in .0f"
        raise Mistake(f"{name}: expected a format for {kind}, found {spec[:40]!r}")
    return name, spec


def _is_accepted(name: str, spec: str) -> bool:
    if name not in WORDS and not _is_for_numbers(spec):
        return not _placed(spec)[1]
    try:
        format("" if name in WORDS else 1 if name in WHOLE else 1.5, spec)
    except ValueError:
        return False
    return True


def _formatted(name: str, value: Said, spec: str) -> str:
    words, number = value
    if name in WORDS:
        return format(words, spec)
    if number is not None and _is_for_numbers(spec):
        return format(number, spec)
    return _aligned(words, spec)


def _is_for_numbers(spec: str) -> bool:
    """Whether the format says how to write a number, and not only how wide it is."""
    return "." in spec or "," in spec or spec.endswith(tuple(TYPES))


def _aligned(text: str, spec: str) -> str:
    """Return the text as wide as the format says, to the right where it does not say otherwise."""
    return format(text, _placed(spec)[0])


def _placed(spec: str) -> tuple[str, str]:
    """Return of a format for a number what is good for a text too, its side and its width, and what is behind them."""
    side = spec[:2] if spec[1:2] in tuple("<>^") else spec[:1] if spec[:1] in tuple("<>^") else ""
    behind = spec[len(side) :].lstrip("=+- z#0")
    rest = behind.lstrip("0123456789")
    return (side or ">") + behind[: len(behind) - len(rest)], rest


def _said(card: Card, now: float, *, stale: bool) -> dict[str, Said]:
    said = dict.fromkeys(FIELDS, NOTHING)
    said["stale"] = STALE if stale else "", None
    said["error"] = code_of(card), None
    said["sign"] = "", None
    if card.figures is not None:
        said |= _of_first(card.figures, now) | _beside(card.figures)
        said["plan"] = _plain(card.figures.plan) or UNKNOWN, None
        said["age"] = _whole((card.age(now) or 0.0) // MINUTE)
    return said


def _of_first(figures: Figures, now: float) -> dict[str, Said]:
    pool = figures.first
    if pool is None:
        return {}
    seconds = seconds_left(pool, figures.taken_at, now)
    left = f"{max(100 - float(pool.percent), 0):.2f}" if pool.percent else ""
    return {
        "percent": _number(pool.percent, pool.percent),
        "percent_left": _number(left, left),
        "used": _number(pool.used, amount(pool.used)),
        "limit": _number(pool.limit, limit(pool.limit)),
        "remaining": _number(pool.remaining, amount(pool.remaining)),
        "label": (_plain(pool.label), None),
        "resets_in": (time_left(pool, figures.taken_at, now) or UNKNOWN, None),
        "days": NOTHING if seconds is None else _whole(max(seconds // DAY, 0)),
        "level": (pool.level, None),
        "sign": (SIGNS.get(pool.level, ""), None),
    }


def _beside(figures: Figures) -> dict[str, Said]:
    bonuses = [pool.remaining for pool in figures.pools if pool.kind == "bonus"]
    known = bool(figures.pools) and all(bonuses)
    total = f"{sum(map(float, bonuses)):.2f}" if known else ""
    beyond, cost = (figures.overage.credits, figures.overage.cost) if figures.overage else ("", "")
    return {
        "bonus_remaining": _number(total, total),
        "overage_credits": _number(beyond, amount(beyond)),
        "overage_cost": _number(cost, amount(cost)),
    }


def _number(text: str, words: str) -> Said:
    return (words, float(text)) if text else NOTHING


def _whole(number: float) -> Said:
    return str(int(number)), int(number)


def _plain(text: str) -> str:
    return "".join("_" if each in MARKUP else each for each in text)
