"""Every export of every small example, read back: the same cables, no more, no less."""

from itertools import product

import pytest

from colossus.errors import UsageError
from colossus.fabric.scheduler import scheduler
from colossus.inventory.catalog import Switch
from colossus.sheets.exports.cabling import Cabling, ExportUnread
from colossus.sheets.exports.registry import ETHERNET, EXPORTS
from colossus.sheets.exports.topograph import read_topograph, topograph
from colossus.sheets.workbook import read_xlsx
from colossus.wiring.rows import cable_rows
from tests.unit.sites import fabric_of

SMALL = ("grok1-node", "stanford-nlp", "superpod-h100-1su", "superpod-h100-2su", "nvl72-rack")


@pytest.mark.parametrize(("example", "name"), [*product(SMALL, EXPORTS)])
def test_what_is_written_reads_back_as_the_same_cables(example: str, name: str) -> None:
    fabric, export = fabric_of(example=example), EXPORTS[name]
    protocols = [fabric.site.fabrics[net].protocol for net in fabric.fabrics]
    planned = sorted(
        link
        for link in cable_rows(fabric).link.tolist()
        if not export.protocols or protocols[fabric.links.fabric[link]] in export.protocols
    )
    assert export.links(fabric, export.written(fabric)) == planned


@pytest.mark.parametrize("name", list(EXPORTS))
def test_every_port_has_a_name_of_its_own(name: str) -> None:
    for example in (*SMALL, "atlas900-4k"):
        fabric = fabric_of(example=example)
        ports = zip(fabric.ports.device.tolist(), EXPORTS[name].namer(fabric).tolist(), strict=True)
        assert len(set(ports)) == len(fabric.ports.device)


@pytest.mark.parametrize("name", list(EXPORTS))
def test_the_same_plan_gives_the_same_bytes(name: str) -> None:
    fabric = fabric_of(example="superpod-h100-1su")
    assert EXPORTS[name].written(fabric) == EXPORTS[name].written(fabric)


def test_a_moved_cable_is_not_in_the_plan() -> None:
    fabric, export = fabric_of(), EXPORTS["dot"]
    text = export.written(fabric)[""].replace(b'"gpu-0001":"enp84s0"', b'"gpu-0001":"enp99s0"')
    with pytest.raises(ExportUnread, match=r"no link gpu-0001:enp99s0 – leaf-01:swp"):
        export.links(fabric, {"": text})


def test_cvt_ethernet_has_the_columns_and_names_of_its_manual() -> None:
    sheets = read_xlsx(EXPORTS["cvt-ethernet"].written(fabric_of())[""])
    header, *rows = sheets["P2P"]
    assert header == [
        *("A-Rack", "A-U", "A-Node Name", "A-Type", "A-Port"),
        *("Z-Rack", "Z-RU", "Z-Node Name", "Z-Type", "Z-Port"),
    ]
    assert ["a01", "1", "gpu-0001", "Host", "rail0"] in [row[:5] for row in rows]
    assert {row[8] for row in rows} == {"Switch"}


def test_cvt_infiniband_numbers_host_ports_from_one() -> None:
    files = EXPORTS["cvt-infiniband"].written(fabric_of(example="superpod-h100-1su"))
    (rows,) = read_xlsx(files[""]).values()
    ports = {row[3] for row in rows[1:] if row[2] == "dgx-001"}
    assert ports <= {str(number) for number in range(1, 13)}
    assert len(ports) == 8 + 2
    assert all("/" in row[7] for row in rows[1:] if row[6].startswith("leaf"))


def test_ibdiagnet_topology_counts_halves_through() -> None:
    files = EXPORTS["ibdiagnet-topo"].written(fabric_of(example="superpod-h100-1su"))
    text = files[""].decode()
    assert text.startswith("QM9700 leaf-01\n    P")
    assert "    P1 -4x-100G-> HCA_mlx5_11 dgx-001 mlx5_0/P1\n" in text
    assert "-> QM9700 spine-01 P" in text


def test_sonic_gives_each_switch_its_neighbours() -> None:
    fabric = fabric_of()
    files = EXPORTS["sonic"].written(fabric)
    switches = {
        name
        for row, name in enumerate(fabric.devices.names)
        if isinstance(fabric.equipment(row), Switch)
    }
    assert set(files) == {f"{name}.json" for name in switches}


def test_topograph_has_every_node_once_below_the_leaf_that_slurm_has() -> None:
    fabric = fabric_of()
    known = scheduler(fabric)
    assert known is not None
    leaves = [(switch.name, node) for switch in known.switches for node in switch.nodes]
    assert sorted(read_topograph(topograph(fabric)[""])) == sorted(leaves)
    cabled = Cabling(fabric, EXPORTS["dot"].namer, ETHERNET).pairs
    assert set(leaves) <= {(pair[2], pair[0]) for pair in cabled}


def test_topograph_wants_a_scheduler() -> None:
    with pytest.raises(UsageError, match="grok1-node has no scheduler"):
        topograph(fabric_of(example="grok1-node"))
