"""What every suite shares: the checkout, privileges, property-test settings, and time per suite."""

import os
import signal
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is not a failing property, so no example has a deadline.
# In CI the examples are the same each time: a red pipeline is about the change it ran on.
settings.register_profile(
    "colossus", deadline=None, print_blob=True, derandomize="CI" in os.environ
)
settings.load_profile("colossus")

# A job that a script starts in the background ignores Ctrl-C, and its children would with it;
# several tests are about what Ctrl-C does.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top folder of the checkout."""
    return ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without root, what needs it is skipped with the reason; `make test` runs it."""
    if os.geteuid() == 0:
        return
    skip = pytest.mark.skip(reason="needs root: `make test` runs it")
    for item in items:
        if item.get_closest_marker("needs_root") or item.get_closest_marker("twin"):
            item.add_marker(skip)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Seconds and tests per suite, next to which docs/development.md puts its budgets."""
    seconds: defaultdict[str, float] = defaultdict(float)
    tests: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if not isinstance(report, pytest.TestReport):
                continue
            suite = report.nodeid.split("/")[1]
            seconds[suite] += report.duration
            tests[suite] += report.when == "call"
    terminalreporter.section("seconds per suite")
    for suite in sorted(seconds):
        terminalreporter.write_line(f"{suite:8} {seconds[suite]:7.1f} s  {tests[suite]:5} tests")
