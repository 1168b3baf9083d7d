"""What the Spend screen says above and below its list, and instead of it while there is none.

Pure: sums in, rows out; spend.py has the keys and the waiting. It says everywhere that the sum is a lower bound, and
shows what is not known as a dash.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from kiro_tui.domain import wording
from kiro_tui.domain.spend import By, Explained, Session, Skipped, Spend, Tally, Turn
from kiro_tui.ui.glyphs import TRACK
from kiro_tui.ui.line import EMPTY, Line, Role, Span, cut, first_that_fits, joined, span_width, width
from kiro_tui.ui.notice import paragraph
from kiro_tui.ui.spend_list import FULL, NAMELESS, UNKNOWN, bar, cut_beginning

TITLE = "Where it went"
MORE_THAN_ALL = "other accounts' turns are among them"
"""The IDE may be signed in to another account, and a loaded session may be a colleague's."""


def tabs(chosen: By | None, part: str, cells: int) -> Line:
    """Name the screen, and the part of everything that we look at; on the right the four ways to look at it."""
    names = (Span(TITLE, Role.BRAND), Span(f"   {part}" if part else "", Role.NAME))
    choice: list[Span] = []
    for by in By:
        choice += [Span("  ")] if choice else []
        choice.append(Span(by.value, Role.NAME if by is chosen else Role.DIM, f"screen.by('{by.value}')"))
    room = cells - span_width(choice) - Line.GAP
    short = (Span(cut_beginning(part, room), Role.NAME),) if part else names
    return first_that_fits(cells, (Line(names, tuple(choice)), Line(short, tuple(choice)), Line(short)))


def summary(spend: Spend, account: Explained | None, cells: int, *, roomy: bool, whole: bool) -> tuple[Line, ...]:
    """Say how much it is, and how much of the account's own figure; `whole` where the list holds everything."""
    total = Line((Span(_sum(spend, whole=whole), Role.TEXT if roomy else Role.DIM),))
    is_more = account is not None and account.percent is not None and account.percent > FULL
    bound = Span(MORE_THAN_ALL if is_more else "a lower bound: this machine only", Role.DIM)
    name = Line((Span("This machine's own Kiro sessions", Role.NAME),), (bound,))
    if account is None:
        unknown = Span("the account's own figure is not known", Role.DIM)
        sums = (_sum(spend, whole=whole), _shorter(spend))
        return (name, first_that_fits(cells, (Line((Span(said),), (unknown,)) for said in sums))) if roomy else (total,)
    share = account.percent
    percent = UNKNOWN if share is None else wording.percent(share)
    explains = [_explains(account, " this month"), _explains(account, "")]
    if not roomy:
        lines = (Line((Span(said),), (Span(percent, Role.NAME),)) for said in explains)
        return (first_that_fits(cells, lines), total)
    room = cells - width(percent) - Line.GAP
    track = gauge(Decimal(0) if share is None else share / FULL, room)
    rights = [(Span(text, Role.DIM),) for text in (_sum(spend, whole=whole), _shorter(spend))]
    figures = (Line((Span(said),), right) for right in (*rights, ()) for said in explains)
    return (name, Line(track, (Span(percent, Role.NAME),)), first_that_fits(cells, figures))


def about_session(session: Session, turns: Sequence[Turn] | None, cells: int, *, roomy: bool) -> tuple[Line, ...]:
    """Say what is known of the session whose turns are listed."""
    facts = Line((joined((session.project or "", session.models or "")),), (Span(session.id, Role.DIM),))
    known = [turn.credits for turn in turns or () if turn.credits is not None]
    said = "reading its turns" if turns is None else "its file is gone, or cannot be read"
    if turns:
        bound = "at least " if len(known) < len(turns) else ""
        used = f"{bound}{wording.amount(sum(known, Decimal(0)))} credits" if known else "their cost is not told"
        said = f"{used} in {_count(len(turns), 'turn')}"
    name = Line((Span(session.title or NAMELESS[By.SESSION], Role.NAME),))
    which = (first_that_fits(cells, (facts, Line(facts.left))),) if roomy else ()
    return (name, *which, Line((Span(said),)))


def progress(done: int, total: int, cells: int) -> tuple[Line, ...]:
    """Say how far the reading is."""
    share = Decimal(done) / total if total else Decimal(0)
    percent = wording.percent(share * FULL, 0).rjust(5)
    hint = "esc stops it; what was read by then is kept for the next time."
    return (
        Line((Span("Reading Kiro's sessions", Role.NAME),), (Span(f"{done} of {total}", Role.DIM),)),
        Line(gauge(share, cells - width(percent) - Line.GAP), (Span(percent, Role.NAME),)),
        *paragraph(hint, Role.DIM, cells),
    )


def nothing(where: str, words: str, cells: int) -> Iterator[Line]:
    """Say that there is nothing, and what to do about it."""
    if words:
        yield from paragraph(f"No session has {words!r}", Role.NAME, cells)
        yield EMPTY
        yield from paragraph("Words are looked for in titles, projects, models and days. esc clears.", Role.DIM, cells)
        return
    yield from paragraph("Nothing was used here yet", Role.NAME, cells)
    yield EMPTY
    yield from paragraph(f"Kiro keeps its sessions in {where}, and there is none with a turn in it.", Role.TEXT, cells)
    yield EMPTY
    yield from paragraph("Use Kiro on this machine, with kiro-cli chat or its IDE, then press r.", Role.CALM, cells)
    yield EMPTY
    yield from paragraph("What was used on other machines and on the web stands in no file here.", Role.DIM, cells)


def remark(total: Tally, skipped: Iterable[Skipped], cells: int) -> tuple[Line, ...]:
    """Say in one line what is not in the sums, where there is any such thing."""
    unmetered = total.unknown - total.interrupted
    said = [f"{_count(unmetered, 'turn')} without a cost"] if unmetered else []
    said += [f"{_count(total.interrupted, 'turn')} ended without a record of the cost"] if total.interrupted else []
    said += [f"{each.count} × {each.reason}" for each in skipped]
    return (Line((Span(cut(f"Not counted: {', '.join(said)}", cells), Role.DIM),)),) if said else ()


def foot(at: str, does: str, cells: int) -> Line:
    """Say where in the list we are, and the keys; `does` is what Enter does."""
    keys = [("/", "search", "screen.search"), ("enter", does, "screen.open"), ("esc", "back", "screen.back")]
    tab = ("tab", "next view", "screen.turn(1)")
    choices = ([tab, *keys] if does else [keys[2]], keys if does else [keys[2]], [keys[2]])
    return first_that_fits(cells, (Line((Span(at, Role.DIM),), _keys(some)) for some in choices))


def _keys(keys: Iterable[tuple[str, str, str]]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for key, does, action in keys:
        spans += [Span("   ")] if spans else []
        spans += [Span(key, Role.KEY, action), Span(f" {does}", Role.DIM, action)]
    return tuple(spans)


def _sum(spend: Spend, *, whole: bool) -> str:
    if not spend.rows:
        return "nothing found"
    sessions = f"{_count(spend.sessions, 'session')}{' in all' if whole else ''}"
    if spend.total.credits is None:
        return f"the cost of {sessions} is not told"
    return f"at least {wording.amount(spend.total.credits)} credits in {sessions}"


def _shorter(spend: Spend) -> str:
    return _sum(spend, whole=False).replace(" credits", "")


def _explains(account: Explained, when: str) -> str:
    of = f"of the account's {wording.amount(account.account)}{when}"
    if account.here.credits is not None:
        return f"{wording.amount(account.here.credits)} {of}"
    return f"an unknown part {of}" if account.here.turns else f"nothing {of}"


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'' if number == 1 else 's'}"


def gauge(length: Decimal, cells: int) -> tuple[Span, ...]:
    """Return a bar on a thin track."""
    filled = bar(length, max(cells, 0))
    return (Span(filled, Role.PLAN), Span(TRACK * (cells - len(filled)), Role.TRACK))
