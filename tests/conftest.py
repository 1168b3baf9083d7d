"""What all tests share: the switch that blesses pictures, and the judge who compares them."""

import pytest
from pictures import Judge, judge_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bless", action="store_true", help="write snapshots/*.svg anew; look at each before committing it"
    )


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Judge:
    return judge_of(bless=bool(request.config.getoption("--bless")))
