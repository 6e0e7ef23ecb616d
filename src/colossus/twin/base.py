"""What a twin is, whichever tier builds it: nodes, cables, and what can be done with them.

Two tiers implement `Twin`: namespaces of this kernel (`namespaces`), and virtual machines (`vm`).
`tiers` is the one place that knows which is which.
"""

import hashlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

# The bridge that joins the out-of-band ports of the management switch, as its installer leaves it.
MANAGEMENT_BRIDGE = "br_default"
DEFAULT_MTU = 1500
TierName = Literal["ns", "vm"]


class End(NamedTuple):
    """One end of a cable: a device and the operating system's name of its interface."""

    node: str
    interface: str

    def __str__(self) -> str:
        return f"{self.node}:{self.interface}"


def mac_of(end: End) -> str:
    """Return the MAC address of a port: locally administered, the same in every twin and boot."""
    digits = hashlib.sha256(str(end).encode()).hexdigest()[:8]
    return ":".join(["52:54", *(digits[at : at + 2] for at in range(0, 8, 2))])


@dataclass(frozen=True, slots=True)
class TwinNode:
    """One host or switch as its installer leaves it.

    mgmt_address is the bootstrap address with prefix ("10.20.0.11/22"); the management switch
    carries its own on the bridge. accelerators: device nodes /dev/nvidia0... to make.
    kernel_settings: sysctl names outside net.* that the plan sets; each gets a private stand-in.
    storage_mib bounds what the node may write. shared: a folder that is one and the same on all
    nodes that name it, as a shared file system would be.
    """

    name: str
    kind: Literal["host", "switch"]
    mgmt_interface: str
    mgmt_address: str | None
    accelerators: int = 0
    kernel_settings: tuple[str, ...] = ()
    storage_mib: int = 256
    shared: str = ""


@dataclass(frozen=True, slots=True)
class TwinCable:
    """One cable of the plan; mtu in bytes, as the faster end allows."""

    cable_id: str
    a_node: str
    a_interface: str
    z_node: str
    z_interface: str
    mtu: int = DEFAULT_MTU

    @property
    def a(self) -> End:
        """The end nearer the host."""
        return End(self.a_node, self.a_interface)

    @property
    def z(self) -> End:
        """The other end."""
        return End(self.z_node, self.z_interface)


@dataclass(frozen=True, slots=True)
class TwinSpec:
    """A cluster, or a slice of one, to build.

    management_switches names the nodes whose cabled ports form the out-of-band bridges;
    operator_address ("10.20.3.254/22") is the operator's own station in that network. open_ports
    exist, but what is planned behind them is not in the twin: they have no carrier. joined are
    management ports whose switch is not in the twin: the station stands in for it, and joins the
    switches that are here but have no cable between them, to one network. Where management
    switches route, unbridged are their ports towards the core, and rack_gateways ("10.32.0.1/26")
    the gateways of all nodes: the first of the switches answers for those that are not here.
    untold are planned ports that nodes do not have and are not told of (`untold`).
    """

    name: str
    nodes: tuple[TwinNode, ...]
    cables: tuple[TwinCable, ...]
    management_switches: tuple[str, ...]
    operator_address: str
    open_ports: tuple[End, ...] = ()
    joined: tuple[End, ...] = ()
    unbridged: tuple[End, ...] = ()
    rack_gateways: tuple[str, ...] = ()
    untold: tuple[End, ...] = ()

    def node(self, name: str) -> TwinNode:
        """Return one node; raises KeyError with the name if the twin has none such."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that ran in a node: its exit status and what it wrote."""

    exit: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Its standard output as text."""
        return self.stdout.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class TwinStatus:
    """How a twin stands: which nodes are powered, and which cables are not as planned.

    lasting: it lives on without the tool that built it. creator: that tool's process.
    """

    name: str
    tier: TierName
    lasting: bool
    creator: int
    up: tuple[str, ...]
    down: tuple[str, ...]
    cables: int
    not_as_planned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How quickly a twin's nodes do things.

    patience: how many times longer a wait may last than on metal. at_once: nodes worked on at a
    time; more of them than this machine carries make each slower than their number.
    """

    patience: float
    at_once: int


class Twin(Protocol):
    """A virtual cluster that is up, or can be brought up.

    folder: where everything of it lies, and of what works on it (its journal); it ends with it.
    """

    spec: TwinSpec
    folder: Path

    @property
    def tier(self) -> TierName:
        """Which tier builds it."""
        ...

    @property
    def accel(self) -> str:
        """What its nodes run on, and why: "tcg (software emulation: ...)"."""
        ...

    @property
    def pace(self) -> Pace:
        """How quickly its nodes do things."""
        ...

    @property
    def client_key_path(self) -> Path:
        """The private key that opens root's sessions on every node."""
        ...

    def up(self) -> None:
        """Build it; raises RehearsalFailed and leaves nothing behind if that fails."""
        ...

    def down(self) -> None:
        """Remove it; nothing to do if it is not up."""
        ...

    def status(self) -> TwinStatus:
        """Say which nodes live."""
        ...

    def exec(
        self, node: str, argv: Sequence[str], stdin: bytes = b"", timeout: float = 60.0
    ) -> Completed:
        """Run a command in a node as root, past the network; timeout in seconds."""
        ...

    def connect(self, node: str, timeout: float = 10.0) -> socket.socket:
        """Open a connection from the operator's station to a node's sshd, or raise."""
        ...

    def console(self, node: str) -> int:
        """Join this terminal to a node's console until the operator leaves; gives its status."""
        ...

    def host_key(self, node: str) -> str:
        """Return a node's public host key, "ssh-ed25519 AAAA..."."""
        ...

    def swap(self, one: End, other: End) -> None:
        """Exchange the two plugs in these ports."""
        ...

    def dead(self, end: End) -> None:
        """Break the cable in this port: both its ends stay up without a carrier."""
        ...

    def mend(self) -> None:
        """Plug every cable between powered nodes back in as planned."""
        ...

    def down_device(self, node: str) -> None:
        """Cut a node's power."""
        ...

    def power_on(self, node: str) -> None:
        """Give a node its power back: it boots as its installer left it, its cables plugged in."""
        ...
