"""Moving the plugs of a twin of namespaces that is up.

A veth's peer cannot be changed, so the pairs are made anew; names, addresses, routes
and bridge membership of both ends are put back, as a port keeps them when a plug is moved.
"""

from colossus.twin.base import DEFAULT_MTU, TwinSpec
from colossus.twin.ports import ip_batch, port_settings
from colossus.twin.rewiring import Wires
from colossus.twin.state import TwinState
from colossus.twin.wires import STATION, loose, plug_line


def rewire(spec: TwinSpec, now: TwinState, wanted: Wires) -> None:
    """Make the pairs of a twin those wanted, touching only the ones that differ.

    Raises:
        RehearsalFailed: a cable cannot be made.
    """
    have, want = ({frozenset(pair): pair for pair in side} for side in (now.wires, wanted))
    going = [pair for key, pair in have.items() if key not in want]
    coming = [pair for key, pair in want.items() if key not in have]
    pids = {name: life.pid for name, life in now.nodes.items() if life.alive}
    touched = sorted({end for pair in (*going, *coming) for end in pair if end})
    touched = [end for end in touched if end.node in pids]
    kept = {name: port_settings(pids[name]) for name in {end.node for end in touched}}
    for name in kept:
        ip_batch(
            [f"link del {end.interface}" for end in touched if end.node == name],
            pids[name],
            force=True,
        )
    mtus = dict.fromkeys(spec.open_ports, DEFAULT_MTU)
    mtus |= {end: cable.mtu for cable in spec.cables for end in (cable.a, cable.z)}
    pids[STATION] = now.station.pid
    ip_batch([plug_line(one, other or loose(one), mtus[one], pids) for one, other in coming])
    for name, ports in kept.items():
        own = [
            ports[end.interface] for end in touched if end.node == name and end.interface in ports
        ]
        ip_batch([line for lines in own for line in lines], pids[name], force=True)
