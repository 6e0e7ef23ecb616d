"""Sheets: every plug once, text escaped, the same bytes, pages that fit, no half files."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from colossus.errors import UsageError
from colossus.fabric.model import Fabric
from colossus.sheets import pages, rack_page, tables
from colossus.sheets.folder import write_sheets
from colossus.sheets.markup import tag
from colossus.sheets.plugs import plugs_of
from colossus.wiring.ends import end_rows
from tests.unit.wiring.fabrics import example, units

CABLE_ID = re.compile(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4}|C[0-9]{7})</code>")
VOID = {"meta", "col", "wbr"}


class Wellformed(HTMLParser):
    """Notes every element that is closed in the wrong place, and what lies outside the file."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.faults += [f"{tag} {name}" for name, _ in attrs if name in {"src", "onclick"}]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")


def html(fabric: Fabric, name: str) -> str:
    return dict(pages.html_sheets(fabric, None, 5))[name]


def test_names_of_the_files() -> None:
    assert [name for name, _ in pages.html_sheets(example(), None, 5)] == [
        "rack-a01.html",
        "rack-a02.html",
        "index.html",
    ]
    assert [name for name, _ in tables.csv_sheets(example(), [1], 5)] == ["rack-a02.csv"]


def test_the_same_site_gives_the_same_bytes() -> None:
    for sheets in (pages.html_sheets, tables.csv_sheets):
        assert list(sheets(example(), None, 5)) == list(sheets(example(), None, 5))


@pytest.mark.parametrize("name", ["rack-a01.html", "rack-a02.html", "index.html"])
def test_a_page_is_whole_and_needs_no_other_file(name: str) -> None:
    text = html(example(), name)
    parser = Wellformed()
    parser.feed(text)
    assert (parser.open, parser.faults) == ([], [])
    assert "http" not in text
    assert "url(" not in text


def test_every_plug_stands_once_on_its_rack_s_sheet() -> None:
    """A splitter is one plug at the switch and one per leg at the hosts."""
    fabric = example()
    sheets = dict(pages.html_sheets(fabric, None, 5))
    found = Counter(
        cable
        for name in ("rack-a01.html", "rack-a02.html")
        for cable in CABLE_ID.findall(sheets[name])
    )
    legs = dict(zip(fabric.cables.ids, fabric.cables.legs.tolist(), strict=True))
    assert found == {cable: 1 + count for cable, count in legs.items()}


def test_a_splitter_s_plug_names_all_its_legs() -> None:
    plugs = list(plugs_of(end_rows(example()).rack(0)))
    (plug,) = [p for p in plugs if p.first["device"] == "leaf-01" and p.port == "7"]
    assert plug.interfaces == "swp7s0–1"
    assert plug.label == "main.a01-40:7/main.a01-07:5+6"
    assert plug.far == [("a01", "7", "gpu-0002", "5 + 6")]
    assert plug.cable == "ACC 3 m, 1:2"
    hosts = [p for p in plugs if p.first["cable_id"] == plug.first["cable_id"] and p is not plug]
    assert [(p.port, p.cable, p.far) for p in hosts] == [
        ("5, slot 7", "ACC 3 m, leg", [("a01", "40", "leaf-01", "7/1")]),
        ("6, slot 8", "ACC 3 m, leg", [("a01", "40", "leaf-01", "7/2")]),
    ]


def test_pages_are_numbered_and_none_is_too_long() -> None:
    text = html(example(), "rack-a01.html")
    numbers = re.findall(r"page (\d+) of (\d+)", text)
    total = len(numbers)
    assert numbers == [(str(page), str(total)) for page in range(1, total + 1)]
    for section in text.split('<section class="page">')[2:]:
        lines = section.count("<tr") - 1
        assert lines <= rack_page.LINES_A_PAGE
        assert section.count("<thead>") == 1
        assert '<tr class="device">' in section
        assert "checked by" in section


def test_text_from_the_site_is_escaped() -> None:
    fabric = example()
    evil = fabric.site.model_copy(update={"description": '<script>alert("x")</script> & more'})
    text = html(replace(fabric, site=evil), "index.html")
    assert "<script" not in text
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; more" in text
    assert tag("p", "a<b", title='"') == '<p title="&quot;">a&lt;b</p>'


def test_the_elevation_shows_every_device_at_its_height() -> None:
    text = html(example(), "rack-a01.html")
    drawings = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]  # noqa: S314 — our own drawing
    front, rear = drawings
    words = [[node.text for node in drawing.iter("text")] for drawing in drawings]
    for name in ("gpu-0001", "gpu-0004", "leaf-01", "oob-01", "ctl-01", "42", "1"):
        assert name in words[0]
        assert name in words[1]
    assert "33 plugs" in words[1]
    assert "pdu-a01-a1 · 1 plug" in words[1]
    assert not [word for word in words[0] if word and word.startswith("pdu")]
    heights = Counter(
        round(float(node.attrib["height"]) + 1.2)
        for node in front.iter("rect")
        if node.attrib["class"] == "box"
    )
    assert heights == {60: 4, 10: 3}
    assert len(list(rear.iter("rect"))) == 1 + 7 + 2


def test_what_comes_later_is_coiled_and_drawn_with_dashes() -> None:
    fabric = units(1, absent_hosts=3)
    sheets = dict(pages.html_sheets(fabric, None, 5))
    leaves = sheets["rack-n00000.html"]
    assert leaves.count('<tr class="coil">') == 3 * 8
    assert "to coil and label" in leaves
    partly = sheets["rack-r00005.html"]
    assert partly.count("box absent") == 2 * 3
    assert "not there yet" in partly
    assert len(CABLE_ID.findall(partly)) == 8


def test_a_rack_without_a_present_device_has_no_sheet() -> None:
    sheets = dict(pages.html_sheets(units(1, absent_hosts=4), None, 5))
    assert "rack-r00005.html" not in sheets
    assert 'href="rack-r00005.html"' not in sheets["index.html"]
    assert "no sheet" in sheets["index.html"]


def test_csv_holds_every_end_of_every_link() -> None:
    sheets = dict(tables.csv_sheets(example(), None, 5))
    rows = [
        row
        for name in ("rack-a01.csv", "rack-a02.csv")
        for row in csv.DictReader(io.StringIO(sheets[name]))
    ]
    ends = Counter((row["cable_id"], row["end"], row["label"]) for row in rows)
    assert len(ends) == len(rows) == 2 * len(example().links.a)
    picks = list(csv.DictReader(io.StringIO(sheets["pick-list.csv"])))
    assert sum(int(pick["count"]) for pick in picks) == 55


def test_writing_replaces_what_is_ours_and_removes_what_is_gone(tmp_path: Path) -> None:
    out = tmp_path / "sheets"
    assert write_sheets(out, "html", [("rack-a.html", "1"), ("rack-b.html", "1")], whole=True) == 2
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    write_sheets(out, "csv", [("rack-a.csv", "1")], whole=True)
    write_sheets(out, "html", [("rack-a.html", "2")], whole=False)
    assert (out / "rack-b.html").read_text(encoding="utf-8") == "1"
    write_sheets(out, "html", [("rack-a.html", "3")], whole=True)
    left = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    assert left == ["notes.txt", "rack-a.csv", "rack-a.html"]
    assert (out / "rack-a.html").read_text(encoding="utf-8") == "3"


def test_a_file_that_is_not_ours_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match="was not written by `colossus wiring sheets`"):
        write_sheets(tmp_path, "html", [("rack-a.html", "1"), ("index.html", "1")], whole=True)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "precious"


def test_a_fault_while_writing_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    write_sheets(tmp_path, "html", [("rack-a.html", "1")], whole=True)

    def sheets() -> Iterator[tuple[str, str]]:
        yield ("rack-a.html", "2")
        raise MemoryError

    with pytest.raises(MemoryError):
        write_sheets(tmp_path, "html", sheets(), whole=True)
    assert (tmp_path / "rack-a.html").read_text(encoding="utf-8") == "1"
    assert {path.name for path in tmp_path.iterdir()} == {"rack-a.html", ".colossus-sheets-html"}


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        write_sheets(tmp_path / "file" / "below", "html", [], whole=True)
