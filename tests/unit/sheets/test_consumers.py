"""Exports and observations with the real programs of the field: InfiniBand's and Graphviz."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from colossus.fabric.model import Fabric
from colossus.load.observed import load_observed
from colossus.sheets.exports.registry import EXPORTS
from colossus.wiring.verdicts import compare
from tests.unit.sheets.consumers import (
    Pair,
    discovered,
    ibnl,
    infiniband_pairs,
    needs,
    simulated,
    subnet,
)
from tests.unit.sites import fabric_of, without

SUPERPOD = "superpod-h100-1su"


def ends(fabric: Fabric) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    pairs = EXPORTS["ibdiagnet-topo"].cabling(fabric).pairs
    return [((a, b), (c, d)) for a, b, c, d in pairs]


@needs("ibsim")
@needs("ibnetdiscover")
def test_ibnetdiscover_of_the_planned_subnet_is_as_planned(tmp_path: Path) -> None:
    fabric = fabric_of(without("storage"), example=SUPERPOD)
    pairs = infiniband_pairs(fabric)
    with simulated(subnet(fabric, pairs), tmp_path) as env:
        (tmp_path / "net.txt").write_text(told(discovered(env)))
    report = compare(fabric, load_observed([tmp_path / "net.txt"]).sightings)
    assert report.verdicts == ()
    assert report.seen == len(pairs) > 500


@needs("ibsim")
@needs("ibnetdiscover")
def test_ibnetdiscover_of_a_subnet_with_faults_names_them(tmp_path: Path) -> None:
    fabric = fabric_of(without("storage"), example=SUPERPOD)
    pairs = infiniband_pairs(fabric)
    one, other, dead = (at(pairs, ("leaf-01", f"P{port}")) for port in (1, 5, 7))
    wrong = pairs - {one, other, dead} | {
        frozenset({("leaf-01", "P1"), far(other)}),
        frozenset({("leaf-01", "P5"), far(one)}),
    }
    with simulated(subnet(fabric, wrong), tmp_path) as env:
        (tmp_path / "net.txt").write_text(told(discovered(env)))
    report = compare(fabric, load_observed([tmp_path / "net.txt"]).sightings)
    assert report.counts == {"swapped": 1, "dead": 1}
    assert len(report.moves) == 2


def told(printed: str) -> str:
    """Put node descriptions as a site has them: ibsim writes its ids in their place."""
    for kind in ("S", "H"):
        printed = printed.replace(f'# "{kind}-', '# "').replace(f'lmc 0 "{kind}-', 'lmc 0 "')
    return printed


def at(pairs: set[Pair], end: tuple[str, str]) -> Pair:
    return next(pair for pair in pairs if end in pair)


def far(pair: Pair) -> tuple[str, str]:
    return next(end for end in pair if end[0] != "leaf-01")


@needs("ibdmchk")
def test_ibdm_reads_the_topology_and_finds_the_fabric_that_is_planned(tmp_path: Path) -> None:
    """Debian's IBDM is of 2009: it knows no lane faster than 10G, and models are given to it."""
    fabric = fabric_of(without("storage"), example=SUPERPOD)
    topo = EXPORTS["ibdiagnet-topo"].written(fabric)[""].decode()
    topo = topo.replace("-4x-100G->", "-4x-10G->")
    assert "-4x-10G->" in topo
    ibnl(topo, tmp_path / "ibnl")
    (tmp_path / "fabric.topo").write_text(topo)
    done = subprocess.run(
        ["ibdmchk", "-t", "fabric.topo", "-n", "dgx-001/U1", "-p", "1"],
        env={"IBDM_IBNL_PATH": str(tmp_path / "ibnl"), "PATH": "/usr/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout
    assert "-E-" not in said.partition("CA to CA")[0]
    assert "Ignoring" not in said
    below = Counter(leaf for (_, port), (leaf, _) in ends(fabric) if port.startswith("mlx5"))
    adapters = sum(below.values())
    switches = {end[0] for pair in ends(fabric) for end in pair if end[1].startswith("P")}
    assert f"/{adapters + len(switches)} systems/nodes" in said
    # Below one leaf two hops, elsewhere four: what a folded Clos of two tiers is.
    near = sum(count * (count - 1) for count in below.values())
    hops = re.findall(r"^ +([0-9]+) +([0-9]+)$", said.partition("MIN HOP")[2], re.MULTILINE)
    assert hops[:2] == [("2", str(near)), ("4", str(adapters**2 - adapters - near))]


@needs("gvpr")
@pytest.mark.parametrize("example", ["stanford-nlp", SUPERPOD])
def test_graphviz_reads_every_link_with_its_ports(example: str, tmp_path: Path) -> None:
    fabric = fabric_of(example=example)
    export = EXPORTS["dot"]
    (tmp_path / "cabling.dot").write_bytes(export.written(fabric)[""])
    program = 'E { print(tail.name, " ", tailport, " ", head.name, " ", headport) }'
    done = subprocess.run(
        ["gvpr", program, "cabling.dot"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = [frozenset(_ends(line)) for line in done.stdout.splitlines()]
    planned = [frozenset({(a, b), (c, d)}) for a, b, c, d in export.cabling(fabric).pairs]
    assert len(found) == len(planned)
    assert set(found) == set(planned)


def _ends(line: str) -> list[tuple[str, str]]:
    a, b, c, d = line.split(" ")
    return [(a, b), (c, d)]


@pytest.fixture(scope="module")
def containerlab() -> str:
    """The program that reads topologies with containerlab's own code, built once per machine."""
    script = Path(__file__).resolve().parents[3] / "infra" / "consumers" / "build"
    built = subprocess.run([script], capture_output=True, text=True, check=False)
    if built.returncode:
        pytest.skip(f"needs Go and its module proxy: {built.stderr[-200:]}")
    return built.stdout.strip()


@pytest.mark.parametrize("example", ["stanford-nlp", SUPERPOD])
def test_containerlab_reads_every_node_and_link(
    example: str, containerlab: str, tmp_path: Path
) -> None:
    fabric, export = fabric_of(example=example), EXPORTS["containerlab"]
    (tmp_path / "lab.yml").write_bytes(export.written(fabric)[""])
    done = subprocess.run(
        [containerlab, tmp_path / "lab.yml"], capture_output=True, text=True, check=True
    )
    read = json.loads(done.stdout)
    pairs = export.cabling(fabric).pairs
    assert read["links"] == [[f"{a}:{b}", f"{c}:{d}"] for a, b, c, d in pairs]
    assert read["nodes"] == len({name for pair in pairs for name in (pair[0], pair[2])})


def test_containerlab_refuses_what_is_no_topology(containerlab: str, tmp_path: Path) -> None:
    (tmp_path / "lab.yml").write_text('topology: {links: [{endpoints: ["a:b"]}]}\n')
    done = subprocess.run(
        [containerlab, tmp_path / "lab.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "2 entries" in done.stderr
