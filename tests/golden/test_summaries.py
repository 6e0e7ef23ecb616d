"""The numbers of every example as committed, no errors, and what its README quotes of them.

`make examples` (COLOSSUS_UPDATE_GOLDEN=1) writes `expected/summary.json` and the generated parts of
the README again: its numbers, what the checks find, how sure each piece of hardware is.
"""

import gc
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from colossus.checks.registry import run_checks
from colossus.cli.views.document import as_json
from colossus.cli.views.summary import show_summary
from colossus.diagnostics import Diagnostic, Severity
from colossus.fabric.design import Design, design
from colossus.fabric.model import Fabric
from colossus.fabric.summary import summarise
from colossus.inventory.hardware import CatalogBase
from colossus.load.site import load_site
from tests.unit.sites import ROOT

EXAMPLES = sorted(file.parent.name for file in (ROOT / "examples").glob("*/cluster.yaml"))
UPDATE = bool(os.environ.get("COLOSSUS_UPDATE_GOLDEN"))
PARTS = ("summary", "findings", "provenance")
GENERATED = {
    part: re.compile(rf"(<!-- generated: {part} -->\n).*?(<!-- end -->)", re.DOTALL)
    for part in PARTS
}
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


def test_the_readme_quotes_what_is_derived(
    example: Example, capsys: pytest.CaptureFixture[str]
) -> None:
    show_summary(summarise(example.made.fabric))
    shown = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    texts = {
        "summary": f"```text\n{shown}\n```\n",
        "findings": "".join(found(run_checks(example.made))),
        "provenance": "".join(sureness(example.made.fabric)),
    }
    committed = fresh = example.text("README.md")
    for part, text in texts.items():
        fresh, number = GENERATED[part].subn(rf"\g<1>{text}\g<2>", fresh)
        assert number == 1, f"README.md has {number} parts that say generated: {part}"
    if UPDATE:
        (example.folder / "README.md").write_text(fresh, encoding="utf-8")
        committed = fresh
    assert fresh == committed


def found(findings: Iterable[Diagnostic]) -> Iterator[str]:
    """Say what the checks find, each sentence as the command prints it."""
    listed = list(findings)
    yield "`colossus check` finds nothing.\n" if not listed else "`colossus check` finds:\n\n"
    for finding in listed:
        yield f"- {finding.severity} `{finding.code}`: {finding.summary}\n"


def sureness(fabric: Fabric) -> Iterator[str]:
    """Tabulate how sure each model, load and fabric is: the mark, and what differs from it."""
    yield "| what | how many | mark | except |\n| --- | --- | --- | --- |\n"
    models = [fabric.models[model] for model in fabric.devices.model]
    models += [fabric.site.racks[group].model for group in fabric.racks.group]
    for name, count in sorted(Counter(models).items()):
        item = fabric.catalog[name]
        yield f"| `{name}` | {count:,} | {item.provenance} | {exceptions(item)} |\n"
    for load in fabric.site.loads:
        yield f"| load: {load.name} | {load.nominal_watts:,} W | {load.provenance} | |\n"
    for name, intent in fabric.site.fabrics.items():
        mark = intent.provenance or fabric.site.provenance
        yield f"| fabric {name}: its wiring | | {mark} | |\n"
    yield f"| racks, places, names, addresses | | {fabric.site.provenance} | |\n"


def exceptions(item: CatalogBase) -> str:
    """List the facts that are surer or less sure than the whole entry, by mark."""
    marks: dict[str, list[str]] = {}
    for fact, mark in item.facts.items():
        if mark != item.provenance:
            marks.setdefault(mark, []).append(fact)
    return "; ".join(f"{mark}: {', '.join(facts)}" for mark, facts in sorted(marks.items()))


def test_no_check_finds_an_error(example: Example) -> None:
    errors = [each for each in run_checks(example.made) if each.severity is Severity.ERROR]
    assert errors == []


def test_the_model_is_short_and_the_readme_says_what_nobody_published(example: Example) -> None:
    assert len(example.text("cluster.yaml").splitlines()) < MAX_LINES
    assert "no public source gives" in " ".join(example.text("README.md").lower().split())
