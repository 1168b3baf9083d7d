"""The same commit gives the same result on every machine, and a search for new counterexamples finds them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from campaigns.search import SOME_FAILED, search
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent

# A property that writes down its examples. Some of them come from the constants of imported modules, if any do.
WRITES_EXAMPLES = """
import json, os, sys
from hypothesis import given, settings, strategies as st
if os.environ["IMPORT"]:
    import kiro_tui.cli, kiro_tui.domain.burn, kiro_tui.simulator

@settings(max_examples=300)
@given(st.integers(), st.text(), st.floats(allow_nan=False))
def test_writes_examples(whole, text, real):
    with open(os.environ["EXAMPLES"], "a") as file:
        file.write(json.dumps([whole, text, real]) + chr(10))
"""
FINDS = """
from hypothesis import given, strategies as st

@given(st.integers())
def test_is_not_large(number):
    assert number < 5

def test_is_no_property():
    raise AssertionError
"""
HEARS = """
import signal, subprocess

def test_a_child_hears():
    for number in (signal.SIGINT, signal.SIGHUP):
        with subprocess.Popen(["sleep", "60"]) as child:
            child.send_signal(number)
            assert child.wait(30) == -number
"""
SEES = """
import os
from pathlib import Path

def test_the_machine_is_not_seen():
    assert [name for name in os.environ if name.startswith(("KIRO_", "XDG_")) or name in ("TMUX", "NO_COLOR")] == []
    assert list(Path.home().iterdir()) == []
"""


def run(folder: Path, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "conftest", *options, str(folder)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    env = {**inherited, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent))), **env}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_examples_depend_on_nothing_but_the_test(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(WRITES_EXAMPLES)
    written = []
    for number, (imports, hash_seed, ci) in enumerate((("", "1", ""), ("yes", "2", "true"))):
        examples = tmp_path / f"examples-{number}"
        done = run(tmp_path, IMPORT=imports, PYTHONHASHSEED=hash_seed, CI=ci, EXAMPLES=str(examples))
        assert done.returncode == 0, done.stdout
        written.append(examples.read_text())

    assert written[0] == written[1]
    assert not (tmp_path / ".hypothesis/examples").exists()


def test_each_seed_of_a_search_gives_examples_of_its_own_and_always_the_same(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(WRITES_EXAMPLES)
    written = []
    for number, seed in enumerate(("1", "1", "2")):
        examples = tmp_path / f"examples-{number}"
        options = ("--hypothesis-profile=search", f"--hypothesis-seed={seed}")
        assert run(tmp_path, *options, IMPORT="", EXAMPLES=str(examples)).returncode == 0
        written.append(examples.read_text())

    assert written[0] == written[1] != written[2]


def test_a_search_prints_the_counterexample_that_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    (tmp_path / "test_it.py").write_text(FINDS)

    found = search(["."], 7, ["-p", "no:cacheprovider", "-p", "conftest"], tmp_path)

    assert found.status == SOME_FAILED
    assert "number=5" in found.output
    assert "test_is_no_property" not in found.output


def test_signals_are_heard_also_where_the_tests_run_in_the_background(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(HEARS)
    heard = (signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in heard]  # as nohup and a shell's & do
    try:
        done = run(tmp_path)
    finally:
        for number, handler in zip(heard, before, strict=True):
            signal.signal(number, handler)

    assert done.returncode == 0, done.stdout


def test_what_the_machines_user_has_set_does_not_reach_the_tests(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SEES)
    (home := tmp_path / "home").mkdir()
    (home / "of-a-person").touch()
    variables = {"KIRO_TUI_SOURCE": "acp", "XDG_CONFIG_HOME": "/etc", "TMUX": "/tmp/tmux,1,0", "NO_COLOR": "1"}  # noqa: S108 - no such file is made

    done = run(tmp_path, HOME=str(home), **variables)

    assert done.returncode == 0, done.stdout


def test_no_example_is_timed() -> None:
    for profile in ("deterministic", "search"):
        chosen = settings.get_profile(profile)
        assert chosen.deadline is None
        assert HealthCheck.too_slow in chosen.suppress_health_check
