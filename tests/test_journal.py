"""The journal on real files, whatever is done to them, and shared by real processes."""

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from campaigns.kill_journal import survives
from fakes import START, FakeClock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readings import snapshot

from kiro_tui.domain.state import Snapshot, Way
from kiro_tui.domain.usage import Account, Note, NoteCode, Overage, Report, Window, WindowKind
from kiro_tui.journal import queries, schema
from kiro_tui.journal.database import identity, put_aside
from kiro_tui.journal.store import FILE, MOST_WAITING, Journal
from kiro_tui.journal.worker import JournalWorker

PERSON = Account("Builder ID", "person@example.com")
ALWAYS = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=0)
WORDS = st.text(max_size=12)
MOMENTS = st.datetimes(min_value=datetime(1971, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC, fold=0))  # noqa: DTZ001 - the zone is added


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(tmp_path: Path, clock: FakeClock) -> Iterator[Journal]:
    with closing(Journal(tmp_path, clock)) as journal:
        yield journal


@contextmanager
def opened(folder: Path, clock: FakeClock | None = None) -> Iterator[Journal]:
    with closing(Journal(folder, clock or FakeClock())) as journal:
        yield journal


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM reading ORDER BY id").fetchall()


def used(journal: Journal, account: Account | None = None) -> list[int]:
    key = journal.account_key(account)
    return [int(each.report.windows[0].used) for each in journal.readings(key, *ALWAYS)]


# What is kept ---------------------------------------------------------------------------------------------------------


def reports() -> st.SearchStrategy[Report]:
    windows = st.builds(
        Window,
        st.sampled_from(WindowKind),
        WORDS,
        used=AMOUNTS,
        limit=st.none() | AMOUNTS,
        reported_percent=st.none() | AMOUNTS,
        bar_contradicts=st.booleans(),
        ends_at=st.none() | MOMENTS,
        ends_in_days=st.none() | st.integers(-5, 10**6),
        as_of=st.none() | MOMENTS,
    )
    overages = st.builds(
        Overage,
        st.booleans(),
        credits=st.none() | AMOUNTS,
        rate=st.none() | AMOUNTS,
        cost=st.none() | AMOUNTS,
        cap=st.none() | AMOUNTS,
        currency=st.none() | WORDS,
        as_of=st.none() | MOMENTS,
    )
    return st.builds(
        Report,
        st.none() | WORDS,
        windows=st.lists(windows, max_size=3).map(tuple),
        overage=st.none() | overages,
        managed=st.booleans(),
        organization=st.booleans(),
        notes=st.lists(st.builds(Note, st.sampled_from(NoteCode), WORDS, st.none() | MOMENTS), max_size=2).map(tuple),
        unlisted=st.lists(st.sampled_from(WindowKind), max_size=2).map(tuple),
    )


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60, deadline=None
)
@given(reports(), MOMENTS, st.sampled_from(Way))
def test_a_reading_comes_back_as_it_was_to_the_last_digit(
    tmp_path: Path, report: Report, taken_at: datetime, way: Way
) -> None:
    kept = Snapshot(report, way, taken_at, took=1.0, version="2.21.1", account=PERSON)
    with opened(tmp_path) as journal:
        journal.keep(kept)
        journal.close()
        back = journal.latest(journal.account_key(PERSON))

    assert back is not None
    assert repr(back.report) == repr(report)
    assert (back.last_at, back.way, back.version) == (taken_at, way, "2.21.1")
    assert back.last_at.tzinfo is UTC


def test_a_reading_with_nothing_kept_is_written_as_before_there_was_anything_to_keep(
    journal: Journal, tmp_path: Path
) -> None:
    journal.keep(snapshot(1))

    (row,) = rows(tmp_path / FILE)

    assert "as_of" not in str(row[-1])
    assert "unlisted" not in str(row[-1])


def test_the_last_readings_come_in_their_order_whether_they_are_on_file_or_wait(tmp_path: Path) -> None:
    key_of: Callable[[Journal], str] = lambda journal: journal.account_key(None)  # noqa: E731 - one for two journals
    with opened(tmp_path) as journal, closing(Journal(None, FakeClock())) as in_memory:
        for each in (journal, in_memory):
            for used_ in range(5):
                each.keep(snapshot(used_, START + used_ * MINUTE))
            each.keep(snapshot(9, account=PERSON))

            recent = each.recent(key_of(each), 3)

            assert [int(reading.report.windows[0].used) for reading in recent] == [2, 3, 4]


def test_a_reading_that_changes_nothing_extends_the_one_before(journal: Journal, tmp_path: Path) -> None:
    for minutes in range(4):
        returned = journal.keep(snapshot(1, START + minutes * MINUTE))

    assert (returned.first_at, returned.last_at) == (START, START + 3 * MINUTE)
    assert journal.latest() == returned
    assert len(rows(tmp_path / FILE)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        snapshot(2),
        replace(snapshot(1), way=Way.ACP),
        replace(snapshot(1), version="9"),
        replace(snapshot(1), account=PERSON),
        replace(snapshot(1), report=replace(snapshot(1).report, plan="KIRO FREE")),
    ],
    ids=["used", "way", "version", "account", "plan"],
)
def test_whatever_changes_is_a_reading_of_its_own(journal: Journal, changed: Snapshot) -> None:
    journal.keep(snapshot(1))
    returned = journal.keep(replace(changed, taken_at=START + MINUTE))

    assert returned.first_at == returned.last_at == START + MINUTE
    assert returned.report == changed.report


def test_each_account_has_its_own_last_reading(journal: Journal) -> None:
    for minutes, account in enumerate([None, PERSON, None, PERSON]):
        journal.keep(snapshot(1, START + minutes * MINUTE, account))

    nobody, person = journal.accounts()
    assert (nobody, person) == (journal.account_key(None), journal.account_key(PERSON))
    assert [each.last_at for each in journal.readings(nobody, *ALWAYS)] == [START + 2 * MINUTE]
    assert [each.last_at for each in journal.readings(person, *ALWAYS)] == [START + 3 * MINUTE]
    latest = journal.latest()
    assert latest is not None
    assert latest.account == person


def test_readings_are_those_that_held_in_the_span(journal: Journal) -> None:
    for minutes, credits_used in enumerate([1, 1, 1, 2, 3, 3]):
        journal.keep(snapshot(credits_used, START + minutes * MINUTE))
    key = journal.account_key(None)

    def held(since: int, until: int) -> list[int]:
        found = journal.readings(key, START + since * MINUTE, START + until * MINUTE)
        return [int(each.report.windows[0].used) for each in found]

    assert held(0, 9) == [1, 2, 3]
    assert held(1, 1) == [1]
    assert held(2, 3) == [1, 2]
    assert held(5, 9) == [3]
    assert held(6, 9) == []


def test_of_the_readings_of_one_hour_the_last_can_be_had_alone(journal: Journal) -> None:
    begins = START.replace(minute=0)
    for minutes, credits_used in [(0, 1), (30, 2), (59, 3), (60, 4), (150, 4), (200, 5)]:
        journal.keep(snapshot(credits_used, begins + minutes * MINUTE))
    key = journal.account_key(None)

    hourly = journal.hourly(key, *ALWAYS)

    assert [int(each.report.windows[0].used) for each in hourly] == [3, 4, 5]
    assert hourly[1].last_at == begins + 150 * MINUTE
    assert journal.hourly("nobody", *ALWAYS) == ()


def test_a_clock_that_was_set_back_neither_shortens_nor_reorders_the_past(journal: Journal) -> None:
    for credits_used, at in [(1, START), (1, START + DAY), (1, START), (2, START + MINUTE)]:
        journal.keep(snapshot(credits_used, at))

    spans = [(each.first_at, each.last_at) for each in journal.readings(journal.account_key(None), *ALWAYS)]
    assert spans == [(START, START + DAY), (START, START), (START + MINUTE, START + MINUTE)]
    latest = journal.latest(journal.account_key(None))
    assert latest is not None
    assert latest.report == snapshot(2).report


# Whose it is ----------------------------------------------------------------------------------------------------------


def test_an_account_is_a_name_that_stays_and_that_nobody_can_be_read_out_of(
    journal: Journal, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    journal.keep(snapshot(1, account=PERSON))
    key = journal.account_key(PERSON)

    with opened(tmp_path) as other:
        assert other.account_key(PERSON) == key
    with opened(tmp_path_factory.mktemp("elsewhere")) as elsewhere:
        assert elsewhere.account_key(PERSON) != key
    others = [None, Account("Google", PERSON.email), Account("Builder ID"), Account("Builder ID", "x@example.com")]
    assert len({key, *map(journal.account_key, others)}) == 5
    assert journal.account_key(Account("Builder ID", "Person@Example.com")) == key
    journal.close()
    for file in tmp_path.iterdir():
        assert b"person" not in file.read_bytes().lower()
        assert b"example.com" not in file.read_bytes().lower()


def test_everything_is_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "kiro-tui"
    before = os.umask(0)
    try:
        with opened(folder) as journal:
            journal.keep(snapshot(1))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    finally:
        os.umask(before)

    assert modes == {FILE: 0o600, FILE + "-wal": 0o600, FILE + "-shm": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_made_the_owners(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    (tmp_path / FILE).chmod(0o644)

    with opened(tmp_path) as journal:
        journal.latest()
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


# Memos ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [True, False], ids=["on disk", "in memory"])
def test_a_memo_is_there_for_all_and_is_news_once(tmp_path: Path, clock: FakeClock, kept: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    with closing(Journal(tmp_path if kept else None, clock)) as journal:
        assert journal.memo("alert") is None
        assert journal.set_memo("alert", "75")
        assert not journal.set_memo("alert", "75")
        assert journal.set_memo("alert", "90")
        assert journal.memo("alert") == "90"
    with closing(Journal(tmp_path if kept else None, clock)) as later:
        assert later.memo("alert") == ("90" if kept else None)


# Layouts of other versions --------------------------------------------------------------------------------------------


def test_a_file_of_every_released_layout_is_brought_up_to_date_with_all_that_it_holds(tmp_path: Path) -> None:
    released = sorted((Path(__file__).parent / "journals").glob("*.sqlite3"))
    assert [file.stem for file in released] == [f"version-{number + 1}" for number in range(schema.VERSION)]

    for file in released:
        folder = tmp_path / file.stem
        folder.mkdir()
        shutil.copyfile(file, folder / FILE)
        with opened(folder) as journal:
            assert used(journal, PERSON) == [1, 2]
            assert journal.memo("a memo") == "what it says"
            journal.keep(snapshot(3, START + DAY, PERSON))
            assert used(journal, PERSON) == [1, 2, 3]
            assert journal.notice is None


NEXT_STEP = ("ALTER TABLE reading ADD COLUMN took REAL", "UPDATE reading SET took = 0.5")


def test_a_step_to_a_new_layout_keeps_every_reading(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    before = rows(tmp_path / FILE)

    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        schema.migrate(connection, (*schema.STEPS, NEXT_STEP))
        assert schema.version_of(connection) == schema.VERSION + 1

    assert rows(tmp_path / FILE) == [(*row, 0.5) for row in before]


def test_a_step_that_fails_has_changed_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    before = rows(tmp_path / FILE)

    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            schema.migrate(connection, (*schema.STEPS, (*NEXT_STEP, "INSERT INTO nowhere VALUES (1)")))
        assert schema.version_of(connection) == schema.VERSION

    assert rows(tmp_path / FILE) == before


def test_a_newer_layout_is_read_and_never_written_to(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (tmp_path / FILE).read_bytes()

    with opened(tmp_path) as journal:
        assert used(journal) == [1]
        journal.keep(snapshot(2, START + MINUTE))
        assert used(journal) == [1, 2]
        assert journal.notice is not None
        assert "a newer kiro-tui" in journal.notice
    assert (tmp_path / FILE).read_bytes() == before


# What may happen to the file ------------------------------------------------------------------------------------------


def _broken_header(path: Path) -> None:
    path.write_bytes(b"not a database!!" + path.read_bytes()[16:])


def _cut(length: int) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, length)


def _other_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"CREATE TABLE theirs (x); PRAGMA user_version = {schema.VERSION}")


@pytest.mark.parametrize(
    "damage",
    [
        _broken_header,
        lambda path: path.write_bytes(bytes(path.stat().st_size)),
        lambda path: path.write_text("dear diary\n" * 500),
        _cut(50),
        _cut(3000),
        _cut(5000),
        _other_database,
    ],
    ids=["header", "zeros", "text", "cut to 50 B", "cut in page 1", "cut in page 2", "another database"],
)
def test_a_damaged_file_is_put_aside_and_a_new_one_begun_with_one_notice(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    damage(tmp_path / FILE)
    damaged = (tmp_path / FILE).read_bytes()

    with opened(tmp_path) as journal:
        journal.keep(snapshot(2))

        assert used(journal) == [2]
        (aside,) = tmp_path.glob(f"{FILE}.corrupt-*[!lm]")
        assert aside.read_bytes() == damaged
        assert journal.notice is not None
        assert aside.name in journal.notice
    with opened(tmp_path) as journal:
        assert used(journal) == [2]
        assert journal.notice is None


def _damage(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(bytes(range(256)) * 16)


def test_damage_on_any_page_is_found_within_a_day_although_writing_may_still_work(
    tmp_path: Path, clock: FakeClock
) -> None:
    with opened(tmp_path, clock) as journal:
        for number in range(200):
            journal.keep(snapshot(number, START + number * MINUTE))
    clock.advance(DAY.total_seconds())
    pages = (tmp_path / FILE).stat().st_size // 4096
    assert pages > 10

    for page in range(1, pages):
        folder = tmp_path / str(page)
        folder.mkdir()
        shutil.copyfile(tmp_path / FILE, folder / FILE)
        _damage(folder / FILE, page)
        with opened(folder, clock) as journal:
            journal.keep(snapshot(201, START + DAY))
            assert journal.notice is not None, f"page {page}"
            assert "damaged" in journal.notice
            assert used(journal) == [201]


def test_damage_that_is_met_when_reading_gives_what_is_left_and_no_exception(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for number in range(200):
            journal.keep(snapshot(number, START + number * MINUTE))
    _damage(tmp_path / FILE, (tmp_path / FILE).stat().st_size // 2 // 4096)

    with opened(tmp_path) as journal:
        assert used(journal) == []
        journal.keep(snapshot(201, START + DAY))
        assert used(journal) == [201]


def test_only_one_of_several_panes_puts_a_damaged_file_aside(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    (tmp_path / FILE).write_text("dear diary\n" * 500)

    with opened(tmp_path) as one, opened(tmp_path) as other:
        one.keep(snapshot(2))
        other.keep(snapshot(3, START + MINUTE))
        assert used(one) == used(other) == [2, 3]
        assert other.notice is None
    assert len(list(tmp_path.glob("*.corrupt-*"))) == 1


def test_a_file_that_has_meanwhile_taken_the_place_of_the_damaged_one_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    device, inode = identity(tmp_path / FILE) or (0, 0)

    assert put_aside(tmp_path / FILE, (device, inode + 1), START) is None
    assert (tmp_path / FILE).exists()
    assert put_aside(tmp_path / FILE, (device, inode), START) is not None
    assert not (tmp_path / FILE).exists()


def test_a_row_that_makes_no_sense_is_left_out(
    journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(4):
        journal.keep(snapshot(number, START + number * MINUTE))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE reading SET report = CAST(x'ff80' AS TEXT) WHERE id = 2")
        connection.execute("UPDATE reading SET report = '{}' WHERE id = 3")
        connection.execute("UPDATE reading SET way = 'telepathy' WHERE id = 4")

    latest = journal.latest()

    assert used(journal) == [0]
    assert latest is None or latest.report == snapshot(0).report
    assert "cannot be read and is left out" in caplog.text


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ('"used":"1"', '"used":"NaN"'),
        ('"used":"1"', '"used":"-Infinity"'),
        ('"ends_at":null', '"ends_at":"2026-12-01"'),
    ],
)
def test_a_row_with_a_figure_that_nobody_can_reckon_with_is_left_out(
    journal: Journal, tmp_path: Path, text: str, damaged: str
) -> None:
    journal.keep(snapshot(1))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE reading SET report = replace(report, ?, ?)", (text, damaged))

    assert journal.latest() is None
    assert journal.recent(journal.account_key(None), 9) == ()


def test_an_empty_file_is_a_new_journal(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()

    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
        assert used(journal) == [1]
        assert journal.notice is None
    assert len(rows(tmp_path / FILE)) == 1


def test_a_locked_file_holds_nobody_up_and_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for number in (2, 3, 3, 4):
                journal.keep(snapshot(number, START + number * MINUTE))
            assert used(journal) == [1, 2, 3, 4]
            assert journal.set_memo("alert", "75")
            assert journal.memo("alert") == "75"
            assert len(rows(tmp_path / FILE)) == 1
            assert journal.notice is not None
            assert "locked" in journal.notice
            other.execute("ROLLBACK")

        assert used(journal) == [1, 2, 3, 4]
        assert journal.notice is None
        assert len(rows(tmp_path / FILE)) == 4
    assert "locked" in caplog.text
    with opened(tmp_path) as journal:
        assert journal.memo("alert") == "75"


def test_a_file_that_is_locked_from_the_start_takes_what_waited_under_its_own_names(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1, account=PERSON))
        key = journal.account_key(PERSON)
    with opened(tmp_path) as journal, closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.executescript("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
        journal.keep(snapshot(2, START + MINUTE, PERSON))
        assert used(journal, PERSON) == [2]
        other.close()

        assert journal.accounts() == (key,)
        assert used(journal, PERSON) == [1, 2]


def test_a_file_that_was_deleted_is_begun_anew(journal: Journal, tmp_path: Path) -> None:
    journal.keep(snapshot(1))
    for file in tmp_path.iterdir():
        file.unlink()

    journal.keep(snapshot(2, START + MINUTE))

    assert used(journal) == [2]
    assert len(rows(tmp_path / FILE)) == 1
    assert journal.notice is None


def test_a_folder_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    with opened(tmp_path / "state") as journal:
        journal.keep(snapshot(1))
        shutil.rmtree(tmp_path / "state")
        journal.keep(snapshot(2, START + MINUTE))
        assert used(journal) == [2]
        assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_only_the_deleted_file_is_gone_and_not_what_another_pane_has_begun(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path) as other:
        one.keep(snapshot(1))
        other.keep(snapshot(2, START + MINUTE))
        (tmp_path / FILE).unlink()
        one.keep(snapshot(3, START + 2 * MINUTE))
        other.keep(snapshot(4, START + 3 * MINUTE))
        assert used(one) == used(other) == [3, 4]


def test_without_a_folder_readings_last_as_long_as_the_program(clock: FakeClock) -> None:
    journal = Journal(None, clock)
    for number in (1, 2, 2, 3):
        journal.keep(snapshot(number, START + number * MINUTE, PERSON))

    assert used(journal, PERSON) == [1, 2, 3]
    assert journal.accounts() == (journal.account_key(PERSON),)
    assert journal.notice is not None
    assert "only until kiro-tui ends" in journal.notice
    assert journal.prune(clock.now()) is None


def test_what_waits_in_memory_is_bounded(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_WAITING <= 5000
    monkeypatch.setattr("kiro_tui.journal.store.MOST_WAITING", 10)
    journal = Journal(None, clock)
    for number in range(25):
        journal.keep(snapshot(number, START + number * MINUTE))

    assert used(journal) == list(range(15, 25))


@pytest.mark.parametrize("damage", ["DELETE FROM hash_key", "UPDATE hash_key SET value = 1e9"])
def test_a_journal_without_its_key_is_put_aside(tmp_path: Path, damage: str) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        connection.execute(damage)

    is_put_aside(tmp_path)


@pytest.mark.parametrize(
    "word", [b"PRIMARY", b"CREATE"], ids=["SQLite takes it for another table", "SQLite cannot even quote it"]
)
def test_a_journal_with_a_layout_that_is_wrong_by_one_letter_is_put_aside(tmp_path: Path, word: bytes) -> None:
    with opened(tmp_path) as journal:
        journal.keep(snapshot(1))
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content.replace(word, word[:-1] + b"\xff", 1))

    is_put_aside(tmp_path)


def is_put_aside(folder: Path) -> None:
    with opened(folder) as journal:
        journal.keep(snapshot(2))

        assert used(journal) == [2]
        assert journal.notice is not None
    assert list(folder.glob(f"{FILE}.corrupt-*"))


def _without_the_right_to_write_anywhere(code: str, folder: Path) -> str:
    """Run the code as somebody for whom the folder's mode counts, also where the tests run as root."""
    renounce = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*renounce, sys.executable, "-W", "error", "-c", code, str(folder)]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent, env={"PYTHONPATH": ".:.."}
    ).stdout


READ_ONLY = """
import sys
from pathlib import Path
from contextlib import closing
from fakes import START, FakeClock
from readings import snapshot
from kiro_tui.journal.store import Journal
from datetime import timedelta
with closing(Journal(Path(sys.argv[1]), FakeClock())) as journal:
    before = journal.latest()
    print(None if before is None else before.report.windows[0].used)
    print(journal.keep(snapshot(2, START + timedelta(hours=1))).report.windows[0].used)
    print(journal.notice)
"""


@pytest.mark.parametrize("existing", [True, False], ids=["with a journal", "without one"])
def test_a_read_only_folder_is_read_and_said_once(tmp_path: Path, existing: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    if existing:
        with opened(tmp_path) as journal:
            journal.keep(snapshot(1))
    tmp_path.chmod(0o555)
    try:
        before, kept, notice = _without_the_right_to_write_anywhere(READ_ONLY, tmp_path).splitlines()
    finally:
        tmp_path.chmod(0o700)

    assert (before, kept) == ("1" if existing else "None", "2")
    assert notice.startswith("Readings are kept only until kiro-tui ends")
    assert [file.name for file in tmp_path.iterdir()] == ([FILE] if existing else [])


def test_a_full_disk_costs_the_history_and_nothing_else(journal: Journal, tmp_path: Path) -> None:
    journal.keep(snapshot(0))
    # SQLite's own limit on pages ends in the same error as a disk without room, and needs no disk of one's own.
    assert journal._database is not None
    connection = journal._database.connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(1, 200):
        journal.keep(snapshot(number, START + number * MINUTE))
    assert 1 < len(rows(tmp_path / FILE)) < 200
    assert journal.notice is not None
    assert "full" in journal.notice

    journal.close()  # there is room again

    assert used(journal) == list(range(200))
    assert journal.notice is None
    assert len(rows(tmp_path / FILE)) == 200


# Several programs -----------------------------------------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from contextlib import closing
from datetime import timedelta
from fakes import START, FakeClock
from readings import snapshot
from kiro_tui.journal.store import Journal
with closing(Journal(Path(sys.argv[1]), FakeClock())) as journal:
    for number in range(300):
        journal.keep(snapshot(int(sys.argv[2]) + number, START + timedelta(minutes=number)))
    journal.latest()
    print(journal.notice)
"""


def test_four_programs_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WRITER, str(tmp_path), str(1000 * number)],
            cwd=Path(__file__).parent,
            env={"PYTHONPATH": ".:.."},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    said = [writer.communicate()[0] for writer in writers]

    assert said == ["None\n"] * 4
    with opened(tmp_path) as journal:
        assert sorted(used(journal)) == sorted(1000 * writer + number for writer in range(4) for number in range(300))


def test_killing_a_writer_at_any_moment_loses_no_reading_that_it_had_kept(tmp_path: Path) -> None:
    assert survives(tmp_path, rounds=30, seed=1) == []


async def test_the_worker_serves_any_number_of_callers_in_order(tmp_path: Path, clock: FakeClock) -> None:
    with closing(JournalWorker(tmp_path, clock)) as worker:
        await asyncio.gather(
            *(
                worker.do(lambda journal, number=number: journal.keep(snapshot(number, START + number * MINUTE)))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
                for number in range(50)
            )
        )
        assert await worker.do(used) == list(range(50))


async def test_a_locked_file_does_not_stop_the_event_loop(tmp_path: Path, clock: FakeClock) -> None:
    with closing(JournalWorker(tmp_path, clock)) as worker:
        await worker.do(lambda journal: journal.keep(snapshot(1)))
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            keeping = asyncio.ensure_future(worker.do(lambda journal: journal.keep(snapshot(2, START + MINUTE))))
            turns = 0
            while not keeping.done():
                await asyncio.sleep(0)
                turns += 1
            assert turns > 100
            assert (await keeping).report == snapshot(2).report


def test_use_by_a_second_thread_is_a_bug_and_says_so(journal: Journal) -> None:
    journal.keep(snapshot(1))

    async def elsewhere() -> None:
        await asyncio.to_thread(journal.latest)

    with pytest.raises(RuntimeError, match="second thread"):
        asyncio.run(elsewhere())


# How long it is kept --------------------------------------------------------------------------------------------------


def test_old_readings_are_thinned_out_to_one_an_hour_and_forgotten_after_25_months(journal: Journal) -> None:
    now = START
    for number, age in enumerate([800 * DAY, 700 * DAY, 61 * DAY + 59 * MINUTE, 61 * DAY + 30 * MINUTE, 61 * DAY, DAY]):
        journal.keep(snapshot(number, now - age))
        journal.keep(snapshot(number, now - age, PERSON))

    pruned = journal.prune(now)

    assert pruned == queries.Pruned(forgotten=2, thinned=2)
    assert used(journal) == used(journal, PERSON) == [1, 3, 4, 5]
    assert journal.prune(now) == queries.Pruned(0, 0)


def test_pruning_happens_by_itself_once_a_day(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as journal:
        journal.keep(snapshot(1, START - 800 * DAY))
        journal.keep(snapshot(2, START - DAY))
        assert used(journal) == [1, 2]
        clock.advance(DAY.total_seconds())
        journal.keep(snapshot(3, START + DAY))
        assert used(journal) == [2, 3]


def test_a_clock_that_is_years_ahead_for_a_day_empties_nothing(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path, clock) as journal:
        journal.keep(snapshot(1))
        clock.advance(4000 * DAY.total_seconds())
        journal.keep(snapshot(2, clock.now()))
        clock.advance(-4000 * DAY.total_seconds())
        journal.keep(snapshot(3, clock.now()))

        assert used(journal) == [1, 2, 3]


def test_what_many_deleted_readings_took_is_given_back(journal: Journal, tmp_path: Path) -> None:
    journal.keep(snapshot(0))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO reading (account, first_at, last_at, way, report) "
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
            "SELECT 'x', i, i, 'report', printf('%.300c', 'x') FROM n"
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (tmp_path / FILE).stat().st_size

    pruned = journal.prune(START)
    journal.close()

    assert pruned == queries.Pruned(forgotten=20000, thinned=0)
    assert (tmp_path / FILE).stat().st_size < before / 20
    assert used(journal) == [0]
