"""What is released: the sdist, the wheel, and the recipes of Homebrew and the AUR that build from the sdist."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, SHARE, files_in
from installed import require
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pane import Pane

from kiro_tui import __version__

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PACKAGING = ROOT / "packaging"
NAMED = f"kiro_tui-{__version__}"
BREW = """
require "json"
require "pathname"
$said = { resources: {}, placed: {} }
module Language; module Python; module Virtualenv; end; end; end
class Said
  def method_missing(name, value) = (@said ||= {})[name] = value
  def respond_to_missing?(*) = true
  def said = @said
end
class Shelf < Struct.new(:name)
  def install_symlink(path) = $said[:placed][name] = path.to_s
end
class Formula
  class << self
    %i[desc homepage url sha256 license depends_on].each do |field|
      define_method(field) { |value| $said[field] = value }
    end
    def resource(name, &block) = $said[:resources][name] = Said.new.tap { |each| each.instance_eval(&block) }.said
    def test = nil
  end
  def virtualenv_install_with_resources = $said[:virtualenv] = true
  def libexec = Pathname("/libexec")
  %i[bash_completion zsh_completion fish_completion man1].each do |place|
    define_method(place) { Shelf.new(place) }
  end
end
load ARGV[0]
KiroTui.new.install
puts JSON.generate($said)
"""
"""As much of Homebrew as tells what a formula says."""


def python(*argv: str | Path, folder: Path) -> None:
    done = subprocess.run([sys.executable, *argv], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    python("-m", "hatchling", "build", "--target", "sdist", "--directory", folder, folder=ROOT)
    return folder / f"{NAMED}.tar.gz"


def unpacked(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / NAMED


# The sdist and the wheel -------------------------------------------------------------------------------------------


def test_the_sdist_holds_what_is_needed_to_build_to_test_and_to_package(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.removeprefix(f"{NAMED}/") for name in archive.getnames()}

    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "constraints.txt"} <= names
    for folder in ("kiro_tui", "tests", "docs", "packaging", "share", "snapshots", "benchmarks"):
        assert {each for each in kept_in(ROOT / folder) if "/." not in each} <= names, folder
    assert not {name for name in names if name.startswith((".venv", ".ci", "build", "dist"))}


def kept_in(folder: Path) -> Iterable[str]:
    """Return the files that are kept of a folder, as they are called from above it."""
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(ROOT))


def test_an_sdist_that_is_built_from_the_sdist_is_the_same_to_the_byte(sdist: Path, tmp_path: Path) -> None:
    source = unpacked(sdist, tmp_path)
    os.utime(source / "README.md", (1, 1))

    python("-m", "hatchling", "build", "--target", "sdist", "--directory", tmp_path, folder=source)

    assert (tmp_path / sdist.name).read_bytes() == sdist.read_bytes()


def test_everything_that_is_installed_with_the_program_has_its_version_in_the_constraints() -> None:
    pinned = {canonicalize_name(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().split("\n")}

    assert libraries() <= pinned


def libraries() -> set[str]:
    """Return what the program needs, and what that needs, and so on."""
    found, left = set[tuple[str, frozenset[str]]](), [Requirement(each) for each in PROJECT["dependencies"]]
    while left:
        wanted = left.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) not in found:
            found.add((name, extras))
            left += [each for each in map(Requirement, requires(name) or []) if is_for(each, {*extras, ""})]
    return {name for name, _ in found}


def is_for(wanted: Requirement, extras: Iterable[str]) -> bool:
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras)


# The AUR -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Installed:
    """Where the PKGBUILD put everything, as below / of the machine that it is installed on."""

    root: Path

    def one(self, pattern: str) -> Path:
        (found,) = self.root.rglob(pattern)
        return found

    @property
    def environment(self) -> dict[str, str]:
        site = self.one("site-packages/kiro_tui").parent
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.root), "PYTHONPATH": str(site), "TERM": "xterm-256color"}


@pytest.fixture(scope="module")
def installed(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Run the functions of the PKGBUILD in the order in which makepkg does, on the Python of the tests."""
    folder = tmp_path_factory.mktemp("aur")
    unpacked(sdist, folder / "src")
    steps = '. "$0"; for step in build check package; do (cd "$srcdir" && set -e && $step) || exit; done'
    done = subprocess.run(
        ["bash", "-c", steps, PACKAGING / "PKGBUILD"],
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder),
            "srcdir": str(folder / "src"),
            "pkgdir": str(folder / "pkg"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Installed(folder / "pkg")


def test_the_pkgbuild_names_this_version_and_the_libraries_that_the_project_needs() -> None:
    text = (PACKAGING / "PKGBUILD").read_text()
    depends = re.search(r"(?s)^depends=\((.*?)\)", text, re.MULTILINE)

    assert f"\npkgver={__version__}\n" in text
    assert depends is not None
    assert set(re.findall(r"'python-([\w-]+)'", depends[1])) == {Requirement(e).name for e in PROJECT["dependencies"]}
    assert f"'python{PROJECT['requires-python']}'" in depends[1]


def test_what_the_pkgbuild_installs_has_completions_man_page_and_licence(installed: Installed) -> None:
    share = installed.one("bin/kiro-tui").parent.parent / "share"

    assert files_in(share) == files_in(SHARE)
    assert (installed.root / "usr/share/licenses/kiro-tui/LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_what_the_pkgbuild_installs_runs_and_finds_its_own_completions(installed: Installed) -> None:
    program = installed.one("bin/kiro-tui")

    def said(*argv: str) -> str:
        return subprocess.run(
            [program, *argv], env=installed.environment, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    assert said("--version").startswith(f"kiro-tui {__version__}\n")
    assert said("completion", "zsh") == (SHARE / "zsh/site-functions/_kiro-tui").read_text()
    with Pane([program, "--demo"], installed.environment, columns=80, rows=24) as pane:
        pane.shows("Kiro", "%", within=60)
        pane.press("q")
        assert pane.ended() == 0


# Homebrew ----------------------------------------------------------------------------------------------------------


def told_by(formula: Path) -> Any:
    require("ruby")
    done = subprocess.run(["ruby", "-w", "-e", BREW, formula], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_formula_builds_this_version_and_links_what_is_in_share() -> None:
    said = told_by(PACKAGING / "kiro-tui.rb")

    assert said["url"] == f"file://{ROOT}/dist/{NAMED}.tar.gz"
    assert said["license"] == PROJECT["license"]
    assert said["virtualenv"]
    linked = {Path(path).relative_to("/libexec/share") for path in said["placed"].values()}
    assert set(map(str, linked)) == set(files_in(SHARE))


def test_a_release_fills_in_both_recipes(sdist: Path, tmp_path: Path) -> None:
    release = shutil.copy(sdist, tmp_path)
    lock = tmp_path / "pylock.toml"
    lock.write_text("".join(locked(name) for name in ("attrs", "textual")))
    urls = ["--url", "https://example.org/it.tar.gz", "--homepage", "https://example.org"]
    python(PACKAGING / "release.py", release, *urls, "--lock", lock, folder=tmp_path)

    checksum = subprocess.run(["sha256sum", release], capture_output=True, text=True, check=True).stdout.split()[0]
    recipe = (tmp_path / "PKGBUILD").read_text()
    assert f"sha256sums=('{checksum}')" in recipe
    assert "url='https://example.org'\n" in recipe
    assert 'source=("kiro_tui-$pkgver.tar.gz::https://example.org/it.tar.gz")' in recipe
    assert subprocess.run(["bash", "-n", tmp_path / "PKGBUILD"], check=False).returncode == 0
    said = told_by(tmp_path / "kiro-tui.rb")
    assert (said["url"], said["sha256"]) == ("https://example.org/it.tar.gz", checksum)
    assert said["homepage"] == "https://example.org"
    assert said["resources"] == {
        name: {"url": f"https://example.org/{name}-1.tar.gz", "sha256": "0" * 64} for name in ("attrs", "textual")
    }


def locked(name: str) -> str:
    sdist = f'sdist = {{ url = "https://example.org/{name}-1.tar.gz", hashes = {{ sha256 = "{"0" * 64}" }} }}'
    return f'[[packages]]\nname = "{name}"\nversion = "1"\n{sdist}\n'


def test_a_library_without_an_sdist_is_told_and_not_left_out() -> None:
    resources = runpy.run_path(str(PACKAGING / "release.py"))["resources"]

    with pytest.raises(SystemExit, match=r"attrs 1 has no sdist"):
        resources({"packages": [{"name": "attrs", "version": "1", "wheels": []}]})
