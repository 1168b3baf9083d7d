"""What all tests share: how examples are chosen, the switch that blesses pictures, and the judge who compares them."""

import gc
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from pictures import Judge, judge_of
from settling import install

# Every run of the tests tries the same examples, so that a commit passes everywhere or nowhere; `make search` uses the
# other profile to look for new counterexamples. Neither measures time: an example that waits for a busy machine has not
# failed.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deterministic", UNTIMED, derandomize=True, database=None)
settings.register_profile("search", UNTIMED, derandomize=False, database=None, print_blob=True)
settings.load_profile("deterministic")

# As POSIX writes them, with the offset reversed: a machine needs no database of zones for these.
ZONES = {
    "UTC": "UTC0",
    "St_Johns": "NST3:30NDT,M3.2.0,M11.1.0",
    "Tokyo": "JST-9",
    "Chatham": "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
}

install()

NO_CONSTANTS = providers._local_constants


def pytest_configure(config: pytest.Config) -> None:
    _leave_the_machine_behind(config)
    # What is started in the background, or by nohup, inherits ignored signals, and a program that a test starts would
    # inherit them too and not hear what the test sends.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGTSTP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    # Hypothesis also tries the constants of those modules of this project that are imported already. Which these are
    # depends on the tests that ran before in the same process, so deterministic runs do without; no option says so.
    if config.getoption("--hypothesis-profile") != "search":
        providers._get_local_constants = lambda: NO_CONSTANTS


def _leave_the_machine_behind(config: pytest.Config) -> None:
    """Take away what this machine and its user have set: no test may depend on it, or write to the user's home."""
    for name in list(os.environ):
        if name.startswith(("KIRO_", "XDG_")) or name in {"TMUX", "TMUX_PANE", "NO_COLOR", "COLUMNS", "LINES"}:
            del os.environ[name]
    home = tempfile.TemporaryDirectory(prefix="home-")
    os.environ["HOME"] = home.name
    config.add_cleanup(home.cleanup)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="write snapshots/*.svg anew; look at each before committing it"
    )


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    return judge_of(bless=bool(request.config.getoption("--bless")))


@pytest.fixture(params=ZONES)
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let the machine be in another time zone, in one after the other: the test runs once in each."""
    name: str = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", ZONES[name])
        time.tzset()
        yield name
    time.tzset()


@pytest.fixture(autouse=True)
def _home_stays_empty() -> Iterator[None]:
    """Fail a test that writes to the home of whoever runs it, which is an empty folder here."""
    home = Path(os.environ["HOME"])
    yield
    written = sorted(map(str, home.rglob("*")))
    for each in home.iterdir():  # the next test is not to be blamed for it
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    assert written == [], "give what it runs a HOME of its own"


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    """Let Python collect what a dashboard took as here for good: here it was for one test."""
    yield
    gc.unfreeze()
