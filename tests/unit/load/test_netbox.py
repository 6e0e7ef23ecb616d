"""NetBox device types: `netbox/*.case` holds a record, the findings, and the file that comes of it.

The three parts are separated by `===`; the last is missing where a record cannot be converted.
`swp[1-32]` in a line of the record stands for as many lines. Adding a case is adding a file.
"""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.cli.views.findings import as_text
from colossus.inventory.catalog import CatalogItem
from colossus.load.catalog import Catalogue
from colossus.load.files import Sources
from colossus.load.netbox import Imported, import_record
from colossus.load.netbox_ports import rows_of, taken_apart
from colossus.load.netbox_types import INTERFACE_TYPES, Plug
from colossus.load.yaml import read_yaml

CASES = sorted((Path(__file__).parent / "netbox").glob("*.case"))
RANGE = re.compile(r"\[(\d+)-(\d+)(?:/(\d+))?\]")


def expanded(line: str) -> list[str]:
    """`swp[1-3]` → three lines; `[0-8/4]` counts in fours."""
    found = RANGE.search(line)
    if not found:
        return [line]
    numbers = range(int(found[1]), int(found[2]) + 1, int(found[3] or 1))
    lines = [f"{line[: found.start()]}{number}{line[found.end() :]}" for number in numbers]
    return [each for one in lines for each in expanded(one)]


@pytest.fixture(scope="module")
def catalog(checkout: Path) -> dict[str, CatalogItem]:
    shipped = Catalogue(checkout, Sources())
    return shipped.read({name: name for name in shipped.names()})


def imported(record: str, catalog: dict[str, CatalogItem]) -> Imported:
    lines = [each for line in record.splitlines() for each in expanded(line)]
    return import_record(read_yaml("\n".join(lines).encode(), "record.yaml"), catalog)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, catalog: dict[str, CatalogItem]) -> None:
    record, findings, text = [*path.read_text(encoding="utf-8").split("===\n"), ""][:3]
    result = imported(record, catalog)
    assert as_text(result.findings) + "\n" == findings
    assert result.text == text


def test_every_finding_has_its_line(catalog: dict[str, CatalogItem]) -> None:
    for path in CASES:
        record = path.read_text(encoding="utf-8").partition("===\n")[0]
        assert all(each.where.line for each in imported(record, catalog).findings), path.stem


NAMES = st.sampled_from(["swp{}", "Ethernet1/{}", "1/1/{}", "IB1/{}", "Port {}"])


@given(NAMES, st.integers(0, 60), st.sets(st.integers(1, 40), min_size=2))
def test_a_row_has_what_is_listed_and_knows_what_is_not(
    stem: str, first: int, numbers: set[int]
) -> None:
    plug = Plug("SFP28", "25G")
    names = [stem.format(first + number) for number in sorted(numbers)]
    (row,) = rows_of([taken_apart(place, name, plug) for place, name in enumerate(names)])
    span = range(row.first, row.first + row.cages * row.step, row.step)
    all_names = [row.pattern.format(cage=number) for number in span]
    assert sorted({*names, *row.missing}) == sorted(all_names)
    assert set(names).isdisjoint(row.missing)


TYPES = st.sampled_from([*INTERFACE_TYPES, "virtual", "other"])
PARTS = st.sampled_from(
    ["swp", "1", "02", "7", "/", " ", "{", "}", "#", "a", "b", ":", "é", "9" * 30]
)


@given(st.lists(st.tuples(st.lists(PARTS, max_size=5).map("".join), TYPES), max_size=12))
def test_no_name_is_too_strange_to_be_answered(listed: list[tuple[str, str]]) -> None:
    interfaces = [{"name": name, "type": kind} for name, kind in listed]
    record = {"manufacturer": "Acme", "model": "X", "interfaces": interfaces}
    result = import_record(read_yaml(json.dumps(record).encode(), "record.yaml"), {})
    assert bool(result.text) != result.findings.failed


PAGES = sorted(Path(__file__).parents[3].glob("docs/checks/import-*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_on_a_page_is_what_a_case_gives(page: Path) -> None:
    example = page.read_text(encoding="utf-8").split("```text\n")[1].split("\n```")[0]
    assert any(example in path.read_text(encoding="utf-8").split("===\n")[1] for path in CASES)
