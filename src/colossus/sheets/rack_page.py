"""The pages of one rack: its elevation first, then every plug from the top, to be ticked off."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from colossus.sheets.elevation import contents, elevation
from colossus.sheets.markup import Markup, cells, document, join, table, tag
from colossus.sheets.plugs import Plug, plugs_of
from colossus.sheets.rack import (
    BRING_HEADINGS,
    BUNDLE_HEADINGS,
    REVISION_LENGTH,
    RackSheet,
    bring_row,
    bundle_rows,
    note,
    notes,
    numbers,
)
from colossus.wiring.picks import Pick

LINES_A_PAGE = 27
"""So many lines fit the smaller of A4 and letter, landscape, with head and signatures."""
BUNDLES_SHOWN = 14
COLUMN_LIST = (
    ("", "tick", 7),
    ("port", "", 20),
    ("interface", "", 26),
    ("cable", "", 22),
    ("type", "", 33),
    ("colour", "", 13),
    ("label at this end", "", 48),
    ("to rack", "far", 14),
    ("U", "n", 7),
    ("device", "", 23),
    ("port", "", 12),
    ("pull", "n", 8),
    ("by", "by", 13),
    ("note", "", 0),
)
"""Heading, class and width in millimetres of each column; the last takes what is left of 259."""
HEADINGS = tuple(heading for heading, _, _ in COLUMN_LIST)
CLASSES = tuple(name for _, name, _ in COLUMN_LIST)
BOX = Markup('<span class="tick"></span>')


def rack_page(sheet: RackSheet) -> str:
    """Write the whole sheet of a rack as one HTML file."""
    return document(f"{sheet.fabric.site.cluster} rack {sheet.name}", rack_sections(sheet))


def rack_sections(sheet: RackSheet) -> Markup:
    """Write the pages of a rack, to stand in a file of their own or among others."""
    plugs = list(plugs_of(sheet.rows))
    pages = list(_pages(plugs))
    total = len(pages) + 1
    parts = [_cover(sheet, plugs, total)]
    parts += [
        _page(sheet, number, total, _plug_table(page)) for number, page in enumerate(pages, 2)
    ]
    return join(parts)


def _pages(plugs: Sequence[Plug]) -> Iterator[list[Plug]]:
    """Cut plugs into pages; a device's name stands in a line of its own when it begins."""
    page: list[Plug] = []
    used = 0
    for plug in plugs:
        new = not page or page[-1].first["device"] != plug.first["device"]
        if used + plug.lines + new > LINES_A_PAGE:
            yield page
            page, used, new = [], 0, True
        page.append(plug)
        used += plug.lines + new
    if page:
        yield page


def _page(sheet: RackSheet, number: int, total: int, body: str) -> Markup:
    return tag("section", _head(sheet, number, total), body, _signatures(), class_="page")


def _head(sheet: RackSheet, number: int, total: int) -> Markup:
    revision = sheet.fabric.digest[:REVISION_LENGTH] or "unsaved"
    return tag(
        "header",
        tag("div", tag("b", f"Rack {sheet.name}"), f" {sheet.place}", class_="what"),
        tag("div", f"{sheet.fabric.site.cluster} · revision {revision}", class_="which"),
        tag("div", f"page {number} of {total}", class_="where"),
    )


def _signatures() -> Markup:
    words = ("cabled by", "date", "checked by", "date")
    return tag("footer", *(tag("span", word) for word in words))


def _cover(sheet: RackSheet, plugs: Sequence[Plug], total: int) -> Markup:
    counts = Counter(plug.first["device"] for plug in plugs)
    inside = contents(sheet.fabric, sheet.rack, counts)
    beside = tag(
        "div",
        _numbers(sheet, plugs, len(inside.devices)),
        tag("h2", "Bring along: cables that start in this rack"),
        _bring(sheet.starting),
        tag("h2", "Bundles, in the order in which they are pulled"),
        _bundles(plugs),
        tag("p", *(f"{note} " for note in notes(plugs)), class_="notes"),
        class_="beside",
    )
    body = tag("div", elevation(inside, "front"), elevation(inside, "rear"), beside, class_="cover")
    return _page(sheet, 1, total, body)


def _numbers(sheet: RackSheet, plugs: Sequence[Plug], devices: int) -> Markup:
    facts = numbers(sheet, plugs, devices)
    return tag("dl", *(join([tag("dt", what), tag("dd", str(n))]) for what, n in facts))


def _bring(starting: Sequence[Pick]) -> Markup:
    rows = [bring_row(pick) for pick in starting]
    return table(BRING_HEADINGS, rows, "small") if rows else tag("p", "none")


def _bundles(plugs: Sequence[Plug]) -> Markup:
    """List the bundles with their cables; a rack with hundreds of far racks lists the first."""
    bundles = bundle_rows(plugs)
    left = len(bundles) - BUNDLES_SHOWN
    foot = f"and {left} more: see the tables" if left > 0 else ""
    return table(BUNDLE_HEADINGS, bundles[:BUNDLES_SHOWN], "small", foot=foot)


def _plug_table(plugs: Sequence[Plug]) -> Markup:
    """Make the table of one page, with a line for each device that begins."""
    widths = (f"width:{width}mm" if width else "" for _, _, width in COLUMN_LIST)
    columns = tag("colgroup", *(tag("col", style=width) for width in widths))
    head = tag("thead", tag("tr", *(tag("th", heading) for heading in HEADINGS)))
    bodies = []
    for device, members in groupby(plugs, key=lambda plug: plug.first["device"]):
        first = list(members)
        u = first[0].first["u"]
        place = f"U{u} " if u else ""
        line = tag("tr", tag("td", f"{place}{device}", colspan=len(HEADINGS)), class_="device")
        bodies.append(tag("tbody", line, *(_plug_row(plug) for plug in first)))
    return tag("table", columns, head, *bodies, class_="plugs")


def _plug_row(plug: Plug) -> Markup:
    row, far = plug.first, plug.far
    values = (
        BOX,
        Markup(f"<b>{escape(plug.port)}</b>"),
        plug.interfaces,
        Markup(f"<code>{escape(row['cable_id'])}</code>"),
        plug.cable,
        row["colour"],
        _label(plug.label),
        *(_lines(words) for words in zip(*far, strict=True)),
        row["pull_seq"],
        "",
        note(plug),
    )
    kind = ' class="coil"' if plug.coiled else ""
    return Markup(f"<tr{kind}>{cells(values, CLASSES)}</tr>")


def _label(label: str) -> Markup:
    """Let a label break between its two ends and nowhere else, if it must."""
    near, slash, far = label.partition("/")
    return Markup(f"<small>{escape(near)}{slash}<wbr>{escape(far)}</small>")


def _lines(words: Sequence[str]) -> str:
    """Put one word per far device under each other."""
    return words[0] if len(words) == 1 else join(tag("div", word) for word in words)
