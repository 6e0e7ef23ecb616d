"""Labels: one per plug, mirrored, the same texts in every format."""

import csv
import io
import re
from collections import Counter, defaultdict

from pypdf import PdfReader

from colossus.sheets.book import floor
from colossus.sheets.labels import COLUMNS, _micro_qr, labels_csv, labels_pdf, labels_zpl
from colossus.wiring.books import books
from tests.unit.sheets.test_books import plugs
from tests.unit.sites import fabric_of

STANFORD = fabric_of()
READY = floor(STANFORD)
(BOOK,) = books(STANFORD)


def rows() -> list[dict[str, str]]:
    text = labels_csv(READY, BOOK, "a4").decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_every_plug_has_one_label() -> None:
    assert tuple(rows()[0]) == COLUMNS
    assert Counter(row["cable_id"] for row in rows()) == plugs(STANFORD)


def test_the_labels_of_a_cable_mirror_each_other() -> None:
    pairs = defaultdict(set)
    for row in rows():
        if row["medium"] == "CAT6A":
            pairs[row["cable_id"]].add((row["near"], row["far"]))
    assert len(pairs) == 23
    for one, other in pairs.values():
        assert one == other[::-1]


def test_fibre_wants_a_flag_and_copper_a_wrap() -> None:
    assert {(row["medium"], row["kind"]) for row in rows()} == {
        ("CAT6A", "wrap"),
        ("ACC", "wrap"),
        ("MMF", "flag"),
    }


def test_a_thermal_printer_gets_one_format_per_label() -> None:
    lines = labels_zpl(READY, BOOK, "a4").decode().splitlines()
    assert all(line.startswith("^XA") and line.endswith("^XZ") for line in lines)
    codes = [re.findall(r"\^BXN,5,200\^FD([0-9A-Z]{4}-[0-9A-Z]{4})\^FS", line) for line in lines]
    assert [row["cable_id"] for row in rows()] == [code for (code,) in codes]


def test_label_sheets_hold_every_label() -> None:
    for size, a_page in (("a4", 24), ("letter", 30)):
        reader = PdfReader(io.BytesIO(labels_pdf(READY, BOOK, size)))
        assert len(reader.pages) == -(-142 // a_page)
        words = Counter(word for page in reader.pages for word in page.extract_text().split())
        assert {name: words[name] for name in STANFORD.cables.ids} == plugs(STANFORD)


def test_an_id_fits_the_micro_code_that_scanners_read() -> None:
    runs, side = _micro_qr("K7M2-9QXD")
    assert side == 15
    assert runs[0] == (0, 0, 7)
