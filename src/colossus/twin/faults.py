"""Faults for a rehearsal: read from a file, injected into the twin, to be found by its phases.

One fault a line, as `twin break` takes them; `#` begins a comment:

    swap leaf-01:swp1s0 leaf-01:swp5s1         two plugs exchanged
    nic-order gpu-0004:enp75s0 gpu-0004:enp84s0   two cards of a host numbered the other way round
    dead gpu-0003:enp84s0                      a broken cable
    down spine-02                              no power
    no-boot gpu-0005                           power, but it never comes up
    slow gpu-0006                              answers seconds later than the others
    host-key gpu-0007                          shows another key than the known one
    disk-full gpu-0008                         nothing can be written any more
    power-loss gpu-0001                        the power goes in the middle of the apply
    failover ctl-01                            a controller goes while a job runs
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from colossus.errors import RehearsalFailed, UsageError
from colossus.transport.interpreter import PYTHON
from colossus.twin.base import End, Twin

SLOW_SECONDS = 12
SLOW_SECONDS_OF_PATIENCE = 8
"""What a slow host takes longer than the others for each request: more than `causes` forgives."""


class Moment(Enum):
    """When a fault strikes: once the twin is built, in the middle of the apply, under a job."""

    BUILT = "built"
    APPLY = "apply"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: what it wants named, when it strikes, how it is made, as what it shows."""

    objects: tuple[str, ...]
    moment: Moment
    strike: Callable[[Twin, tuple[str, ...]], None]
    found_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what is done, to which ports or to which device."""

    kind: str
    objects: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((self.kind, *self.objects))

    @property
    def moment(self) -> Moment:
        """When it strikes."""
        return KINDS[self.kind].moment

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices it names."""
        return tuple(dict.fromkeys(word.partition(":")[0] for word in self.objects))

    def explains(self, cause: str, devices: Collection[str]) -> bool:
        """Whether a cause of this kind, at these devices, is what it made."""
        return cause in KINDS[self.kind].found_as and not set(self.devices).isdisjoint(devices)

    def inject(self, twin: Twin) -> None:
        """Break it; raises ColossusError when the twin has no such port or device."""
        KINDS[self.kind].strike(twin, self.objects)


def _swap(twin: Twin, ports: tuple[str, ...]) -> None:
    twin.swap(end_of(ports[0]), end_of(ports[1]))


def _dead(twin: Twin, ports: tuple[str, ...]) -> None:
    twin.dead(end_of(ports[0]))


def _down(twin: Twin, devices: tuple[str, ...]) -> None:
    twin.down_device(devices[0])


def _run(script: str) -> Callable[[Twin, tuple[str, ...]], None]:
    def strike(twin: Twin, devices: tuple[str, ...]) -> None:
        done = twin.exec(devices[0], ["sh", "-c", script])
        if done.exit:
            words = done.stderr.decode(errors="replace").strip()[-200:]
            raise RehearsalFailed(f"{devices[0]} could not be broken: {words}")

    return strike


# A host that hangs in its firmware has a carrier, but no address and nobody who listens.
_NO_BOOT = (
    "for unit in slurmd frr lldpd ssh; do systemctl stop $unit; done >/dev/null 2>&1;"
    " ip address flush scope global"
)
_HOST_KEY = (
    "rm -f /etc/ssh/ssh_host_*_key* && ssh-keygen -q -t ed25519 -N '' -f"
    " /etc/ssh/ssh_host_ed25519_key && systemctl restart ssh"
)
_DISK_FULL = (
    "dd if=/dev/zero of=/var/tmp/full bs=4k 2>/dev/null;"
    " if echo more 2>/dev/null >/var/tmp/more; then exit 1; fi"
)


def _slow(twin: Twin, devices: tuple[str, ...]) -> None:
    """Let every request wait; a tier that is slow itself needs more of it to be told apart."""
    seconds = SLOW_SECONDS + SLOW_SECONDS_OF_PATIENCE * twin.pace.patience
    script = (
        f"real=$(readlink -f {PYTHON}) && rm {PYTHON} &&"
        f""" printf '#!/bin/sh\\n[ "$1" = -I ] && sleep {seconds:g}\\nexec %s "$@"\\n' "$real" """
        f">{PYTHON} && chmod 755 {PYTHON}"
    )
    _run(script)(twin, devices)


KINDS = {
    "swap": Kind(("PORT", "PORT"), Moment.BUILT, _swap, ("swapped", "wrong_rail", "wrong_switch")),
    "nic-order": Kind(("PORT", "PORT"), Moment.BUILT, _swap, ("nic_order",)),
    "dead": Kind(("PORT",), Moment.BUILT, _dead, ("dead",)),
    "down": Kind(("DEVICE",), Moment.BUILT, _down, ("no_power",)),
    "no-boot": Kind(("DEVICE",), Moment.BUILT, _run(_NO_BOOT), ("not_booted",)),
    "slow": Kind(("DEVICE",), Moment.BUILT, _slow, ("slow",)),
    "host-key": Kind(("DEVICE",), Moment.BUILT, _run(_HOST_KEY), ("host_key",)),
    "disk-full": Kind(("DEVICE",), Moment.BUILT, _run(_DISK_FULL), ("disk_full",)),
    "power-loss": Kind(("DEVICE",), Moment.APPLY, _down, ("power_lost",)),
    "failover": Kind(("DEVICE",), Moment.JOB, _down, ("controller_lost",)),
}


def refuse_impossible(faults: Iterable[Fault], nodes: Collection[str], tier: str) -> None:
    """Refuse what could not be made on a twin of these nodes, before anything is built.

    Raises:
        RehearsalFailed: it names all of it.
    """
    wrong = []
    for fault in faults:
        strangers = sorted(set(fault.devices).difference(nodes))
        if strangers:
            wrong.append(f"{fault}: not in this twin: {', '.join(strangers)}")
        elif fault.moment is Moment.JOB and tier == "vm":
            wrong.append(f"{fault}: machines share no folder for the controllers' state")
    if wrong:
        raise RehearsalFailed(
            f"faults that cannot be made here: {'; '.join(wrong)}",
            "Name devices of the slice; a failover is rehearsed with --twin ns.",
        )


def freeze_at(twin: Twin, node: str, path: str, timeout: float) -> None:
    """Wait until an apply has written this file on a node, and stop the apply right there.

    So that a power loss strikes in the middle of it, whatever the machine's speed. Timeout in
    seconds; what never comes is no error, the power is cut all the same.
    """
    script = (
        f"until [ -e \"$1\" ]; do sleep 0.01; done; pkill -STOP -f '^{PYTHON}.* -I -S -E' || true"
    )
    bounded = ["timeout", f"{timeout:g}", "sh", "-c", script, "sh", path]
    twin.exec(node, bounded, timeout=timeout + 5)


def end_of(word: str) -> End:
    """Read `DEVICE:INTERFACE`; raises UsageError."""
    node, colon, interface = word.partition(":")
    if not (node and colon and interface):
        raise UsageError(f"{word!r} is no port", "Write it like leaf-01:swp1s0.")
    return End(node, interface)


def parse_faults(text: str, file: str) -> tuple[Fault, ...]:
    """Read a file of faults; raises UsageError with every line that makes no sense."""
    faults, wrong = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        kind = KINDS.get(words[0])
        if kind is None or len(kind.objects) != len(words) - 1 or not _same_host(words):
            wrong.append(f"{file}:{number}: {line.strip()!r}")
            continue
        faults.append(fault_of(words[0], *words[1:]))
    if wrong:
        known = ", ".join(" ".join((word, *kind.objects)) for word, kind in KINDS.items())
        raise UsageError(f"no faults: {'; '.join(wrong)}", f"There are: {known}.")
    return tuple(faults)


def fault_of(kind: str, *objects: str) -> Fault:
    """Make a fault of a known kind; raises UsageError where a port is none, or elsewhere."""
    for word, wanted in zip(objects, KINDS[kind].objects, strict=True):
        if wanted == "PORT":
            end_of(word)
    if not _same_host([kind, *objects]):
        raise UsageError(f"{' and '.join(objects)} are not on one host", "Its cards are meant.")
    return Fault(kind, objects)


def _same_host(words: list[str]) -> bool:
    """Whether a wrong order of cards is asked for on one host."""
    return words[0] != "nic-order" or len({word.partition(":")[0] for word in words[1:]}) == 1
