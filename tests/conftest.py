"""What all tests share: the switch that blesses pictures, and the judge who compares them."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pictures import Judge, judge_of

# No test is timed: an example that waits for a slow disk or a busy machine has not failed. The gate tries the same
# examples each time, so that it says the same of the same commit; whoever works here tries new ones with each run.
settings.register_profile("new examples", deadline=None)
settings.register_profile("the same examples", deadline=None, derandomize=True)
settings.load_profile("the same examples" if "CI" in os.environ else "new examples")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="write snapshots/*.svg anew; look at each before committing it"
    )


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    return judge_of(bless=bool(request.config.getoption("--bless")))


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    """Let Python collect what a dashboard took as here for good: here it was for one test."""
    yield
    gc.unfreeze()
