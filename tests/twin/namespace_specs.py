"""A small cluster for the tests of the twin's machinery, written by hand."""

from colossus.twin.base import End, TwinCable, TwinNode, TwinSpec


def small_spec(name: str) -> TwinSpec:
    """Two hosts, a fabric switch with a port left open, the management switch, five cables."""
    nodes = (
        TwinNode("gpu1", "host", "eno1", "10.20.0.11/22", 2, ("vm.swappiness",)),
        TwinNode("gpu2", "host", "eno1", "10.20.0.12/22", accelerators=2),
        TwinNode("leaf1", "switch", "eth0", "10.20.0.20/22"),
        TwinNode("oob1", "switch", "br_default", "10.20.0.1/22"),
    )
    cables = (
        TwinCable("M1", "gpu1", "eno1", "oob1", "swp1"),
        TwinCable("M2", "gpu2", "eno1", "oob1", "swp2"),
        TwinCable("M3", "leaf1", "eth0", "oob1", "swp3"),
        TwinCable("F1", "gpu1", "enp1s0", "leaf1", "swp1s0", 9216),
        TwinCable("F2", "gpu2", "enp1s0", "leaf1", "swp1s1", 9216),
    )
    open_ports = (End("leaf1", "swp2s0"),)
    return TwinSpec(name, nodes, cables, ("oob1",), "10.20.3.254/22", open_ports)
