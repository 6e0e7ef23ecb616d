"""UFM Cable Validation Tool: the Ethernet, InfiniBand and unified workbooks.

Columns byte for byte as its manuals print them (facts/wiring.md 4.1); the tool goes by header.
"""

from collections.abc import Iterator

from colossus.sheets.exports.cabling import Cabling, Files, Pair
from colossus.sheets.workbook import read_xlsx, tables_xlsx

ETHERNET = (
    *("A-Rack", "A-U", "A-Node Name", "A-Type", "A-Port"),
    *("Z-Rack", "Z-RU", "Z-Node Name", "Z-Type", "Z-Port"),
)
# The manual's table prints "Name" for the second U; its sample shows a U.
INFINIBAND = ("Rack", "U", "Name", "HCA/Port", "Rack", "U", "Name", "Port")
UNIFIED = (
    *("A-Node", "A-Port", "Z-Node", "Z-Port", "Protocol"),
    *("Shuffle-ID", "A-Connector", "A-MPO-Connector", "Z-Connector", "Z-MPO-Connector"),
    *("A-Module-PN", "Z-Module-PN", "Source-Ref"),
)
NODES = ("Node", "Type", "Rack", "U", "Model")
"""Columns of the sheet Nodes were not seen in any manual: these are ours."""
_PROTOCOLS = {"infiniband": "ib", "nvlink": "nvlink"}


def write_ethernet(cabling: Cabling) -> dict[str, bytes]:
    """Write the Ethernet point-to-point workbook."""
    ends = []
    for end, place in (("a", 0), ("z", 2)):
        devices = cabling.column(f"{end}_device")
        kinds = ["Switch" if device in cabling.switches else "Host" for device in devices]
        ports = [pair[place + 1] for pair in cabling.pairs]
        ends += [cabling.column(f"{end}_rack"), cabling.column(f"{end}_u"), devices, kinds, ports]
    return {"": tables_xlsx([("P2P", ETHERNET, zip(*ends, strict=True))])}


def read_ethernet(files: Files) -> Iterator[Pair]:
    """Read any sheet that has the columns, in any order."""
    for rows in read_xlsx(files[""]).values():
        yield from _named(rows, ("A-Node Name", "A-Port", "Z-Node Name", "Z-Port"))


def write_infiniband(cabling: Cabling) -> dict[str, bytes]:
    """Write the InfiniBand point-to-point workbook; the host is on the left."""
    columns = [
        *(cabling.column("a_rack"), cabling.column("a_u"), cabling.column("a_device")),
        [pair[1] for pair in cabling.pairs],
        *(cabling.column("z_rack"), cabling.column("z_u"), cabling.column("z_device")),
        [pair[3] for pair in cabling.pairs],
    ]
    return {"": tables_xlsx([("P2P", INFINIBAND, zip(*columns, strict=True))])}


def read_infiniband(files: Files) -> Iterator[Pair]:
    """Read by place, because its headers repeat."""
    for header, *rows in read_xlsx(files[""]).values():
        if tuple(header) == INFINIBAND:
            yield from ((row[2], row[3], row[6], row[7]) for row in rows)


def write_unified(cabling: Cabling) -> dict[str, bytes]:
    """Write the unified workbook: sheets Nodes and Links."""
    fabrics = cabling.fabric.site.fabrics
    kinds = {name: _PROTOCOLS.get(intent.protocol, "ethernet") for name, intent in fabrics.items()}
    empty = [""] * len(cabling.pairs)
    links = [
        *([pair[place] for pair in cabling.pairs] for place in range(4)),
        [kinds[name] for name in cabling.column("fabric")],
        empty,
        *(cabling.column("a_connector"), empty, cabling.column("z_connector"), empty),
        *(cabling.column("optic_pn_a"), cabling.column("optic_pn_z")),
        cabling.column("cable_id"),
    ]
    tables = [("Nodes", NODES, _nodes(cabling)), ("Links", UNIFIED, zip(*links, strict=True))]
    return {"": tables_xlsx(tables)}


def read_unified(files: Files) -> Iterator[Pair]:
    """Read the sheet Links."""
    yield from _named(read_xlsx(files[""])["Links"], UNIFIED[:4])


def _nodes(cabling: Cabling) -> Iterator[tuple[str, ...]]:
    used = {name for pair in cabling.pairs for name in (pair[0], pair[2])}
    fabric = cabling.fabric
    for name in fabric.devices.names:
        if name in used:
            view = fabric.device(fabric.device_index[name])
            kind = "Switch" if name in cabling.switches else "Host"
            yield name, kind, view.rack, str(view.u) if view.u > 0 else "", view.model


def _named(rows: list[list[str]], wanted: tuple[str, ...]) -> Iterator[Pair]:
    """Give four columns found by their headers, case and order free."""
    if not rows:
        return
    header = [cell.strip().lower() for cell in rows[0]]
    if any(name.lower() not in header for name in wanted):
        return
    a, b, c, d = (header.index(name.lower()) for name in wanted)
    yield from ((row[a], row[b], row[c], row[d]) for row in rows[1:])
