"""What both tiers share: a twin whose state is written down, so that any later tool can hold it.

A tier says how it is built, how its plugs are moved and how a node gets its power back; that it is
built once, leaves nothing behind and knows how it stands is the same for all.
"""

import contextlib
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import ClassVar, Self

from colossus.errors import RehearsalFailed, TransportFailed
from colossus.twin import rewiring, state, wires
from colossus.twin.base import End, TierName, TwinSpec, TwinStatus
from colossus.twin.cleanup import remove, sweep
from colossus.twin.state import Life, TwinState


class KeptTwin(ABC):
    """A twin of one tier. As a context manager it is up inside and gone afterwards.

    lasting: it lives on when this tool ends (`twin up`); otherwise it ends with the tool, however
    the tool ends. accel: what its nodes run on, in words.
    """

    tier: ClassVar[TierName]

    def __init__(
        self, spec: TwinSpec, accel: str, *, lasting: bool = False, twins: Path = state.TWINS
    ) -> None:
        self.spec = spec
        self.accel = accel
        self.lasting = lasting
        self.twins = twins
        self.folder = state.folder_of(spec.name, twins)
        self._old_sigterm: Callable[[int, FrameType | None], object] | int | None = None

    @property
    def client_key_path(self) -> Path:
        """The private key that opens root's sessions on every node."""
        return self.folder / "id_ed25519"

    def up(self) -> None:
        """Build it, or raise RehearsalFailed and leave nothing behind."""
        if faults := wires.faults_of(self.spec):
            raise RehearsalFailed(f"this twin cannot be built: {'; '.join(faults)}")
        sweep(self.twins)
        if state.load(self.spec.name, self.twins):
            raise RehearsalFailed(
                f"a twin named {self.spec.name} is up already",
                hint="end it first: colossus twin down",
            )
        try:
            self._build()
        except BaseException:
            self.down()
            raise

    @abstractmethod
    def _build(self) -> None:
        """Build it; what is made before a failure is written down, so that `down` finds it."""

    def down(self) -> None:
        """Remove it; nothing to do if it is not up."""
        self._let_go()
        remove(self.spec.name, self.twins)

    @abstractmethod
    def _let_go(self) -> None:
        """Close what this tool holds open of its nodes."""

    def status(self) -> TwinStatus:
        """Say which nodes live and which cables are not as planned."""
        now = self._state()
        planned: set[frozenset[End | None]]
        planned = {frozenset((cable.a, cable.z)) for cable in self.spec.cables}
        planned |= {frozenset((port, None)) for port in self.spec.open_ports}
        odd = [(one, other) for one, other in now.wires if frozenset((one, other)) not in planned]
        return TwinStatus(
            name=self.spec.name,
            tier=self.tier,
            lasting=now.lasting,
            creator=now.creator.pid,
            up=tuple(name for name, life in now.nodes.items() if life.alive),
            down=tuple(name for name, life in now.nodes.items() if not life.alive),
            cables=len(self.spec.cables),
            not_as_planned=tuple(f"{one} - {other or 'loose'}" for one, other in odd),
        )

    def host_key(self, node: str) -> str:
        """Return a node's public host key, "ssh-ed25519 AAAA..."."""
        return self._state().host_keys[node]

    def swap(self, one: End, other: End) -> None:
        """Exchange the two plugs in these ports; every interface keeps its name and settings."""
        self._rewire(rewiring.swapped(self._state().wires, one, other))

    def dead(self, end: End) -> None:
        """Break the cable in this port: both its ends stay up without a carrier."""
        self._rewire(rewiring.broken(self._state().wires, end))

    def mend(self) -> None:
        """Plug every cable between powered nodes back in as planned."""
        now = self._state()
        alive = {name for name, life in now.nodes.items() if life.alive}
        self._rewire(rewiring.planned(self.spec, alive))

    def down_device(self, node: str) -> None:
        """Cut a node's power: its neighbours lose the carrier, and it forgets everything."""
        life = self._alive(node)
        self._rewire(rewiring.without(self._state().wires, node))
        life.kill()
        state.wait_until_gone([life])

    def power_on(self, node: str) -> None:
        """Give a node its power back: it boots as its installer left it, its cables plugged in.

        Raises:
            RehearsalFailed: it does not come up.
        """
        now = self._state()
        if node not in now.nodes:
            raise TransportFailed(f"the twin has no node named {node}")
        if not now.nodes[node].alive:
            self._boot_again(now, node, rewiring.returned(self.spec, now.wires, node))

    @abstractmethod
    def _boot_again(self, now: TwinState, node: str, wanted: rewiring.Wires) -> None:
        """Boot a node that has no power into the wanted wiring, and write both down."""

    def _rewire(self, wanted: rewiring.Wires) -> None:
        now = self._state()
        self._plug(now, wanted)
        now.wires = wanted
        state.save(now, self.twins)

    @abstractmethod
    def _plug(self, now: TwinState, wanted: rewiring.Wires) -> None:
        """Move the plugs of a twin that is up from where they are to where they are wanted."""

    def _state(self) -> TwinState:
        now = state.load(self.spec.name, self.twins)
        if now is None:
            raise RehearsalFailed(f"the twin {self.spec.name} is not up", hint="colossus twin up")
        return now

    def _alive(self, node: str) -> Life:
        life = self._state().nodes.get(node)
        if life is None:
            raise TransportFailed(f"the twin has no node named {node}")
        if not life.alive:
            raise TransportFailed(f"{node} has no power")
        return life

    def __enter__(self) -> Self:
        # A polite kill must clean up as Ctrl-C does. Only the main thread may set this.
        with contextlib.suppress(ValueError):
            self._old_sigterm = signal.signal(signal.SIGTERM, _end)
        try:
            self.up()
        except BaseException:
            self._forget_signal()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.down()
        finally:
            self._forget_signal()

    def _forget_signal(self) -> None:
        if self._old_sigterm is not None:
            signal.signal(signal.SIGTERM, self._old_sigterm)
            self._old_sigterm = None


def _end(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)
