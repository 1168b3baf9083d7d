"""How spans of time are said, in seconds: for whoever must not wait for a library either.

Pure, and imports nothing: a status line says these words several times a minute, and would wait longer for
`datetime` than for them. Every text comes with the seconds for which it stays true.
"""

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SECONDS_MATTER_BELOW = 10 * MINUTE
UNITS = {"d": "day", "h": "hour", "m": "minute", "min": "minute", "s": "second"}


def countdown(seconds: float) -> tuple[str, float]:
    """Say what is left of a span, rounded down: `7d 22h`, `22h 58m`, `58m`, `9m 30s`, and `now` at its end."""
    if seconds <= 0:
        return "now", float("inf")
    whole = int(seconds)
    if seconds >= DAY:
        text, unit = f"{whole // DAY}d {whole % DAY // HOUR}h", HOUR
    elif seconds >= HOUR:
        text, unit = f"{whole // HOUR}h {whole % HOUR // MINUTE}m", MINUTE
    elif seconds >= SECONDS_MATTER_BELOW:
        text, unit = f"{whole // MINUTE}m", MINUTE
    elif seconds >= MINUTE:
        text, unit = f"{whole // MINUTE}m {whole % MINUTE}s", 1
    else:
        text, unit = f"{whole}s", 1
    return text, seconds % unit


def shortest(text: str) -> str:
    """Keep only the largest unit of a countdown: `7d 22h` is `7d`."""
    return text.split(" ", 1)[0]


def ago(seconds: float) -> tuple[str, float]:
    """Say an age in its largest unit: `just now`, `4 min ago`, `2 h ago`, `3 days ago`."""
    passed = max(seconds, 0.0)
    if passed < MINUTE:
        return "just now", MINUTE - passed
    if passed < HOUR:
        return f"{int(passed) // MINUTE} min ago", MINUTE - passed % MINUTE
    if passed < 2 * DAY:
        return f"{int(passed) // HOUR} h ago", HOUR - passed % HOUR
    return f"{int(passed) // DAY} days ago", DAY - passed % DAY


def as_of(seconds: float) -> tuple[str, float]:
    """Say how old a figure is that is older than the reading it stands in: `as of 3 h ago`, `as of moments ago`."""
    said, lasts = ago(seconds)
    return f"as of {'moments ago' if said == 'just now' else said}", lasts


def in_words(span: str) -> str:
    """Say a countdown or an age so that it can be read aloud: `7d 22h` is `7 days 22 hours`."""
    said = []
    for part in span.replace(" min", "min").replace(" h ", "h ").split(" "):
        count = part.rstrip("dhmins")
        unit = UNITS.get(part[len(count) :]) if count.isdecimal() else None
        said.append(f"{count} {unit}{'' if count == '1' else 's'}" if unit else part)
    return " ".join(said)
