"""What several status lines say in the same words.

Pure, and imports nothing that takes time.
"""

from kiro_tui.domain.card import Card, Figures, Pool, Trouble, seconds_left
from kiro_tui.domain.spans import DAY, ago, countdown, shortest

UNKNOWN = "–"
STALE = "~"
NOTHING_KNOWN = Trouble(
    0.0, "no_numbers", 7, "Nothing is known yet: kiro-cli has not been asked.", "Ask it once: kiro-tui status"
)
"""What stands where there is neither a reading nor a failure."""
SIGNS = {"warn": "!", "high": "!!", "used-up": "!!", "over": "over"}


def trouble_of(card: Card) -> Trouble | None:
    """Return what is wrong, None where the last question was answered."""
    return card.trouble or (NOTHING_KNOWN if card.figures is None else None)


def code_of(card: Card) -> str:
    """Return the code of what is wrong, "" where nothing is."""
    trouble = trouble_of(card)
    return trouble.code if trouble else ""


def percent(pool: Pool | None) -> str:
    """Say the used share without decimals: `32%`, `≥100%`, or a dash."""
    if pool is None or not pool.percent:
        return UNKNOWN
    return f"{'≥' if pool.at_least else ''}{rounded(pool.percent, 0)}%"


def time_left(pool: Pool | None, taken_at: float, now: float) -> str:
    """Say when the pool ends: `7d 22h`, `15d` where only days are known, `now`; "" where nothing is."""
    seconds = None if pool is None else seconds_left(pool, taken_at, now)
    if pool is None or seconds is None:
        return ""
    return countdown(seconds)[0] if pool.ends_at is not None else f"{int(seconds) // DAY}d"


def short(figures: Figures, now: float, *, stale: bool) -> str:
    """Say the figures in the fewest words: `Kiro 32% 7d`, `~Kiro 32% 7d`."""
    said = ["Kiro", percent(figures.first), shortest(time_left(figures.first, figures.taken_at, now))]
    return (STALE if stale else "") + " ".join(part for part in said if part)


def rounded(text: str, places: int) -> str:
    """Return a decimal number with so many places, halves rounded up, as exactly as it was printed."""
    whole, _, part = text.partition(".")
    digits = int(whole + part[:places].ljust(places, "0")) + (part[places : places + 1] >= "5")
    if not places:
        return str(digits)
    padded = str(digits).rjust(places + 1, "0")
    return f"{padded[:-places]}.{padded[-places:]}"


def amount(text: str) -> str:
    """Say an amount with two decimals: `640.25`, `12345.00`."""
    return rounded(text, 2) if text else UNKNOWN


def limit(text: str) -> str:
    """Say a limit without needless decimals: `2000`, `12.50`."""
    whole, _, part = text.partition(".")
    return amount(text) if part.strip("0") or not whole else whole


def sentences(card: Card, now: float) -> list[str]:
    """Say all that is known, one sentence a line: the plan, each pool, the overage, the age, what went wrong."""
    said = []
    if card.figures is not None:
        figures = card.figures
        said.append(figures.plan or "Kiro, plan unknown")
        said += [_pool(pool, figures.taken_at, now) for pool in figures.pools]
        if figures.managed and not figures.pools:
            said.append("An administrator manages this plan, and kiro-cli shows no numbers for it.")
        overage = figures.overage
        if overage is not None and overage.credits and (overage.enabled or overage.credits.strip("0.")):
            said.append(f"Overage: {amount(overage.credits)} credits")
        said.append(f"Read {ago(now - figures.taken_at)[0]}")
    if (trouble := trouble_of(card)) is not None:
        said += [text for text in (trouble.message, trouble.hint) if text]
    return said


def _pool(pool: Pool, taken_at: float, now: float) -> str:
    used = ("at least " if pool.at_least else "") + amount(pool.used)
    said = f"{used} of {limit(pool.limit)} used, {amount(pool.remaining)} left" if pool.limit else f"{used} used"
    left = time_left(pool, taken_at, now)
    verb = "resets" if pool.kind == "plan" else "expires"
    when = "" if not left else f", {verb} now" if left == "now" else f", {verb} in {left}"
    return f"{pool.label}: {said}{when}"
