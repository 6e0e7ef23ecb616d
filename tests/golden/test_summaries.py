"""The numbers of every example as committed, no errors, and the numbers that its README quotes.

COLOSSUS_UPDATE_GOLDEN=1 writes `expected/summary.json` and the generated part of the README again.
"""

import gc
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from colossus.checks.registry import run_checks
from colossus.cli.views.document import as_json
from colossus.cli.views.summary import show_summary
from colossus.diagnostics import Severity
from colossus.fabric.design import Design, design
from colossus.fabric.summary import summarise
from colossus.load.site import load_site
from tests.unit.sites import ROOT

EXAMPLES = sorted(file.parent.name for file in (ROOT / "examples").glob("*/cluster.yaml"))
UPDATE = bool(os.environ.get("COLOSSUS_UPDATE_GOLDEN"))
GENERATED = re.compile(r"(?<=<!-- generated: summary -->\n).*?(?=<!-- end -->)", re.DOTALL)
MAX_LINES = 300


@dataclass(frozen=True)
class Example:
    """An example as it stands, designed."""

    folder: Path
    made: Design

    def text(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Iterator[Example]:
    """Give one design after the other: not all of them need to be in memory at once."""
    folder = ROOT / "examples" / request.param
    loaded = load_site(folder)
    yield Example(folder, design(loaded.accepted(), loaded.catalog, loaded.lock))
    gc.collect()


def test_the_summary_is_as_committed(example: Example) -> None:
    text = as_json(summarise(example.made.fabric)) + "\n"
    file = example.folder / "expected" / "summary.json"
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == example.text("expected/summary.json")


def test_the_readme_quotes_the_summary(
    example: Example, capsys: pytest.CaptureFixture[str]
) -> None:
    show_summary(summarise(example.made.fabric))
    shown = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    block = f"```text\n{shown}\n```\n"
    fresh = GENERATED.sub(lambda _: block, example.text("README.md"))
    if UPDATE:
        (example.folder / "README.md").write_text(fresh, encoding="utf-8")
    assert fresh == example.text("README.md")


def test_no_check_finds_an_error_and_the_readme_names_every_warning(example: Example) -> None:
    readme = example.text("README.md")
    for finding in run_checks(example.made):
        assert finding.severity is not Severity.ERROR, finding.summary
        assert f"`{finding.code}`" in readme, f"{finding.severity}: {finding.summary}"


def test_the_model_is_short_and_the_readme_says_what_nobody_published(example: Example) -> None:
    assert len(example.text("cluster.yaml").splitlines()) < MAX_LINES
    assert "no public source gives" in " ".join(example.text("README.md").lower().split())
