"""Writes what Homebrew and the AUR want of a release: the two recipes beside it, filled in for an sdist that is known.

    python -m build
    python packaging/release.py dist/kiro_tui-0.1.0.tar.gz --url URL-OF-THE-SDIST --homepage URL

The copies come to lie beside the sdist. The libraries that Homebrew builds are those of constraints.txt, and where
their sdists are is asked of uv, which must be installed (or given as a lock, a pylock.toml of the same). It uploads
nothing and changes nothing in the repository.
"""

import argparse
import hashlib
import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VERSION = re.compile(r"kiro_tui-(.+)\.tar\.gz")
RESOURCE = '  resource "{name}" do\n    url "{url}"\n    sha256 "{sha256}"\n  end\n'


def main() -> None:
    """Read the command line and write both recipes."""
    arguments = _arguments()
    named = VERSION.fullmatch(arguments.sdist.name)
    if named is None:
        raise SystemExit(f"{arguments.sdist.name} is not the sdist of a release: kiro_tui-VERSION.tar.gz")
    said = {
        "version": named[1],
        "url": arguments.url,
        "homepage": arguments.homepage,
        "sha256": hashlib.sha256(arguments.sdist.read_bytes()).hexdigest(),
    }
    lock = tomllib.loads(arguments.lock.read_text(encoding="utf-8") if arguments.lock else _locked())
    for recipe, text in (("PKGBUILD", pkgbuild(said)), ("kiro-tui.rb", formula(said, resources(lock)))):
        (arguments.sdist.parent / recipe).write_text(text, encoding="utf-8")


def pkgbuild(said: Mapping[str, str]) -> str:
    """Return the recipe for the AUR."""
    text = _own("PKGBUILD")
    text = _put(text, r"^pkgver=.*$", "pkgver=" + said["version"])
    text = _put(text, r"^url=.*$", f"url='{said['homepage']}'")
    text = _put(text, r"^source=.*$", f'source=("kiro_tui-$pkgver.tar.gz::{said["url"]}")')
    return _put(text, r"^sha256sums=.*$", f"sha256sums=('{said['sha256']}')")


def formula(said: Mapping[str, str], of_libraries: str) -> str:
    """Return the recipe for Homebrew, with the resources of the libraries."""
    text = _own("kiro-tui.rb")
    text = _put(text, r"^  homepage .*$", f'  homepage "{said["homepage"]}"')
    text = _put(text, r"^  url .*$", f'  url "{said["url"]}"\n  sha256 "{said["sha256"]}"')
    return _put(text, r"^  def install$", f"{of_libraries}\n  def install")


def resources(lock: Mapping[str, Any]) -> str:
    """Return a resource for the sdist of each library in the lock; those of other systems are left out."""
    blocks = []
    for package in lock["packages"]:
        if "win32" in package.get("marker", ""):
            continue
        if "sdist" not in package:
            raise SystemExit(
                f"{package['name']} {package['version']} has no sdist, and Homebrew builds from nothing else"
            )
        sdist = package["sdist"]
        blocks.append(RESOURCE.format(name=package["name"], url=sdist["url"], sha256=sdist["hashes"]["sha256"]))
    return "\n".join(blocks)


def _locked() -> str:
    asked = ["pip", "compile", "--universal", "--format=pylock.toml", "--constraints=constraints.txt", "pyproject.toml"]
    return subprocess.run(["uv", *asked], cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True).stdout


def _own(name: str) -> str:
    """Return a recipe without the comment that tells what is still missing in it."""
    return re.sub(r"\A(#.*\n)+", "", (HERE / name).read_text(encoding="utf-8"))


def _put(text: str, line: str, instead: str) -> str:
    replaced, times = re.subn(line, lambda _: instead, text, flags=re.MULTILINE)
    if times != 1:
        raise SystemExit(f"{line} stands there {times} times")
    return replaced


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Write the recipes of a release beside its sdist.")
    parser.add_argument("sdist", type=Path)
    parser.add_argument("--url", required=True, help="where the sdist can be downloaded")
    parser.add_argument("--homepage", required=True)
    parser.add_argument("--lock", type=Path, help="a pylock.toml of the libraries (default: uv is asked for one)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
