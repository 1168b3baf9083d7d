"""What all tests share: the switch that blesses pictures."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write snapshots/*.svg anew; look at each before committing it")
