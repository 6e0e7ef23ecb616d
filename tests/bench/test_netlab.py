"""Time per link beside netlab, which also turns links into addresses, BGP and configurations.

Both get the same small Clos: Colossus as its site, netlab as the list of the very links that
Colossus derives from it. Each begins cold; start-up is taken off by a run on one link.
"""

import csv
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from tests.twin.sites import Desk

pytestmark = pytest.mark.bench

FIRST_ASN = 65001
PROGRAMS = Path(sys.executable).parent


def seconds(folder: Path, *words: object) -> float:
    started = perf_counter()
    ran = subprocess.run(
        [str(word) for word in words], cwd=folder, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return perf_counter() - started


def links_of(desk: Desk, site: Path) -> list[tuple[str, str]]:
    """The links of the compute fabric, by device names."""
    exported = desk.run("wiring", "export", site, "--format", "cables")
    rows = csv.DictReader(exported.stdout.splitlines())
    return [(row["a_device"], row["z_device"]) for row in rows if row["fabric"] == "compute"]


def topology(links: list[tuple[str, str]]) -> str:
    """Describe these links to netlab: switches speak BGP, hosts do not."""
    # A hyphen in netlab's shorthand parts two nodes; names of 16 characters are its limit.
    links = [(a.replace("-", ""), z.replace("-", "")) for a, z in links]
    switches = {z for _, z in links}
    names = sorted({name for pair in links for name in pair})
    lines = ["provider: clab", "defaults.device: frr", "module: [bgp]", "nodes:"]
    for number, name in enumerate(names):
        role = f"bgp.as: {FIRST_ASN + number}" if name in switches else "device: linux, module: []"
        lines.append(f"  {name}: {{{role}}}")
    return "\n".join([*lines, "links:", *(f"- {a}-{z}" for a, z in links), ""])


def test_seconds_per_link_beside_netlab(tmp_path: Path, checkout: Path) -> None:
    desk = Desk(tmp_path, checkout)
    clos, single = desk.clos("small-clos"), checkout / "examples/grok1-node"
    links = links_of(desk, clos)
    assert links
    (tmp_path / "clos.yml").write_text(topology(links))
    (tmp_path / "one.yml").write_text(topology(links[:1]))
    netlab = [PROGRAMS / "netlab", "create", "--quiet", "--output", "json=out.json"]
    took = {}
    for name, whole, start in (
        ("netlab create", [*netlab, "clos.yml"], [*netlab, "one.yml"]),
        (
            "colossus render",
            [PROGRAMS / "colossus", "render", clos, "--out", tmp_path / "rendered"],
            [PROGRAMS / "colossus", "check", single],
        ),
    ):
        started = seconds(tmp_path, *start)
        took[name] = max(seconds(tmp_path, *whole) - started, 1e-3) / len(links)
        sys.stdout.write(
            f"\nbench: {name}: {took[name] * 1e3:.2f} ms a link beyond start-up of {started:.2f} s"
        )
    ratio = took["netlab create"] / took["colossus render"]
    sys.stdout.write(f"\nbench: netlab / colossus per link, {len(links)} links: {ratio:.1f}\n")
