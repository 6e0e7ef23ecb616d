"""From a twin's parts list to machines: which NICs each has, and which plug is which (pure).

A machine has a NIC for every port that is cabled here, and for every plug of the operator's
station. Open ports would cost NICs and never carry anything: inside the guest they are dummies
without a carrier, so that what configures them finds them.
"""

from dataclasses import dataclass
from pathlib import Path

from colossus.errors import UsageError
from colossus.twin import wires
from colossus.twin.base import MANAGEMENT_BRIDGE, End, TwinNode, TwinSpec, mac_of
from colossus.twin.vm.plugs import Plug
from colossus.twin.vm.qemu import Nic

# systemd, sshd, lldpd, FRR or slurmd, the interpreter that applies the plan, and the pages of all
# their programs: those dropped for lack of room are read, unpacked and translated again.
MEMORY_MIB = 256


@dataclass(frozen=True)
class Parts:
    """The machines of a twin. folder: short, because sockets lie below it."""

    spec: TwinSpec
    folder: Path

    def machine_folder(self, node: str) -> Path:
        """Return where a machine's own things lie."""
        number = next(n for n, each in enumerate(self.spec.nodes) if each.name == node)
        return self.folder / "m" / str(number)

    @property
    def station_folder(self) -> Path:
        """Where the operator's station lies."""
        return self.folder / "station"

    def ports(self, node: str) -> list[str]:
        """Return the interfaces of a node that are NICs, in the order of its NICs."""
        open_here = {end.interface for end in self.spec.open_ports if end.node == node}
        cabled = [each for each in wires.ends_of(self.spec, node) if each not in open_here]
        plugs = [end for end in wires.station_plugs(self.spec) if end.node == node]
        return list(dict.fromkeys([*cabled, *(end.interface for end in plugs)]))

    def nics(self, node: str) -> tuple[Nic, ...]:
        """Return the NICs of a node."""
        return tuple(Nic(port, mac_of(End(node, port))) for port in self.ports(node))

    def plug(self, end: End) -> Plug:
        """Return the NIC behind a port.

        Raises:
            UsageError: the port has none, because nothing is cabled there.
        """
        ports = self.ports(end.node)
        if end.interface not in ports:
            raise UsageError(
                f"{end} is open: machines have NICs only where a cable is",
                "Choose ports that are cabled in this slice, or the tier ns.",
            )
        return Plug(self.machine_folder(end.node), ports.index(end.interface))

    def station_plugs(self) -> list[tuple[Plug, Plug]]:
        """Return the cables between the operator's station and the ports it is plugged into."""
        return [
            (Plug(self.station_folder, number), self.plug(end))
            for number, end in enumerate(wires.station_plugs(self.spec))
        ]

    def bootstrap(self, node: TwinNode) -> tuple[str, ...]:
        """Return what an installer leaves, as `ip -batch` commands."""
        dummies = [end.interface for end in self.spec.open_ports if end.node == node.name]
        made = [f"link add {name} type dummy" for name in dummies]
        mtu = wires.management_mtu(self.spec)
        silent = [f"link set {name} carrier off" for name in dummies]
        return (*made, *wires.bootstrap_lines(self.spec, node, mtu), *silent)

    def keep_plugged(self, node: str) -> str:
        """Return the operator's port in a management switch and its bridge, "" without one."""
        plugged = End(node, wires.OPERATOR_PORT) in wires.station_plugs(self.spec)
        return f"{wires.OPERATOR_PORT} {MANAGEMENT_BRIDGE}" if plugged else ""
