"""QEMU's command line for one machine (pure): what it is made of and how it boots.

A cable is a pair of unix datagram sockets. Each NIC reads from `NAME.in`, and writes to `NAME.out`,
a link to the `.in` of the NIC at the far end (`plugs`): re-plugging is changing links, which QEMU
never notices. Clones and their template must have the same devices, so a machine's NICs are rounded
up to a class and the rest hang loose.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from colossus.errors import RehearsalFailed

QEMU = "qemu-system-x86_64"
# Spare NICs of a clone are removed inside it; each class costs one template (a cold boot).
NIC_CLASSES = (6, 12, 24, 64)
NICS_PER_SLOT = 8
FIRST_SLOT = 8
# Full, it is thrown away whole: with 64 MiB seven times before a plan was half applied.
TRANSLATION_CACHE_MIB = 256
# The kernel says nothing, restarts after a panic, and trusts its clock however late its ticks come.
# norandmaps: programs lie where they lay before, so that their translation counts again; a Python
# program costs two thirds so, and the cache stays small. From audit=0 on: hardening, accounting and
# fine timers, which no plan configures, cost a fourteenth of all.
KERNEL_WORDS = (
    "console=ttyS0 quiet panic=-1 nokaslr norandmaps mitigations=off tsc=reliable"
    " audit=0 lsm=capability psi=0 init_on_alloc=0 hardened_usercopy=off"
    " randomize_kstack_offset=off highres=off"
)
# sun_path has 108 bytes with the final zero.
LONGEST_SOCKET_PATH = 107


class Boot(StrEnum):
    """What a machine starts from: our kernel directly, the network (iPXE), or its own disk."""

    KERNEL = "kernel"
    NETWORK = "network"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Nic:
    """One NIC: the name and address its interface gets, and what is plugged in.

    tap: an interface of QEMU's own net namespace; "": a cable (`plugs` says where to). rom: it can
    netboot.
    """

    interface: str
    mac: str
    rom: bool = False
    tap: str = ""


@dataclass(frozen=True, slots=True)
class Hardware:
    """A machine as QEMU builds it.

    folder holds its sockets, console and disk, so its path is short. accel: "kvm" or "tcg".
    disk: its own writable disk (qcow2), whose serial is "state"; root: the read-only tree that all
    machines share. memory_file: a template's RAM, which the template writes (`share`) and clones
    copy on write. nic_count: how many NICs it has at least; those without a `Nic` hang loose.
    """

    name: str
    folder: Path
    accel: str
    memory_mib: int
    nics: tuple[Nic, ...]
    nic_count: int = 0
    boot: Boot = Boot.KERNEL
    kernel: Path | None = None
    initrd: Path | None = None
    kernel_words: str = KERNEL_WORDS
    root: Path | None = None
    disk: Path | None = None
    disk_format: str = "qcow2"
    memory_file: Path | None = None
    shared_memory: bool = False
    incoming: bool = False


def nic_class(nics: int) -> int:
    """Return how many NICs a machine gets that needs so many.

    Raises:
        RehearsalFailed: more than a machine can have.
    """
    for count in NIC_CLASSES:
        if nics <= count:
            return count
    raise RehearsalFailed(
        f"a virtual machine has at most {NIC_CLASSES[-1]} ports, {nics} are needed",
        hint="rehearse a slice with fewer ports on a switch, or --twin ns",
    )


def incoming(folder: Path, index: int) -> Path:
    """Return the socket from which the NIC with this index reads."""
    return folder / f"{index}.in"


def outgoing(folder: Path, index: int) -> Path:
    """Return the link to the socket to which the NIC with this index writes."""
    return folder / f"{index}.out"


def nic_id(index: int) -> str:
    """Return how QMP calls a NIC's netdev (`set_link`)."""
    return f"n{index}"


def command(machine: Hardware) -> list[str]:
    """Return the words that start this machine.

    Raises:
        RehearsalFailed: its folder's path is too long for sockets.
    """
    if len(str(machine.folder / "console")) > LONGEST_SOCKET_PATH - 4:
        raise RehearsalFailed(f"the path {machine.folder} is too long for sockets in it")
    return [
        QEMU,
        *("-name", machine.name, "-nodefaults", "-no-user-config", "-display", "none"),
        *_machine(machine),
        *_boot(machine),
        *_disks(machine),
        *_lines(machine.folder),
        *(word for index in range(_nics(machine)) for word in _nic(machine, index)),
        *(["-incoming", "defer"] if machine.incoming else []),
    ]


def _nics(machine: Hardware) -> int:
    return max(machine.nic_count, len(machine.nics))


def _machine(machine: Hardware) -> Iterator[str]:
    memory = machine.memory_file
    tcg = machine.accel == "tcg"
    yield from ("-M", "q35" + (",memory-backend=ram" if memory else ""))
    yield from ("-accel", f"tcg,tb-size={TRANSLATION_CACHE_MIB}" if tcg else machine.accel)
    yield from ("-cpu", "qemu64" if tcg else "host", "-m", str(machine.memory_mib))
    if memory:
        share = "on" if machine.shared_memory else "off"
        size = f"size={machine.memory_mib}M,mem-path={memory},share={share}"
        yield from ("-object", f"memory-backend-file,id=ram,{size}")


def _boot(machine: Hardware) -> Iterator[str]:
    if machine.boot is Boot.KERNEL:
        yield from ("-kernel", str(machine.kernel), "-initrd", str(machine.initrd))
        yield from ("-append", machine.kernel_words)


def _disks(machine: Hardware) -> Iterator[str]:
    if machine.root:
        # QEMU's lock would refuse the second machine that opens it.
        options = "format=raw,readonly=on,file.locking=off"
        yield from ("-drive", f"if=none,id=root,file={machine.root},{options}")
        yield from ("-device", "virtio-blk-pci,drive=root,serial=root,addr=0x3")
    if machine.disk:
        # "unsafe" is about a crash of this machine: what the guest wrote outlives QEMU.
        options = f"format={machine.disk_format},cache=unsafe,discard=unmap"
        # After the NIC: a netboot that ends without an image goes on to the disk.
        places = {Boot.DISK: ",bootindex=0", Boot.NETWORK: ",bootindex=2"}
        first = places.get(machine.boot, "")
        yield from ("-drive", f"if=none,id=state,file={machine.disk},{options}")
        yield from ("-device", f"virtio-blk-pci,drive=state,serial=state,addr=0x4{first}")


def _lines(folder: Path) -> Iterator[str]:
    """QMP, the console with its log, and the agent's line."""
    yield from ("-qmp", f"unix:{folder}/qmp,server=on,wait=off")
    log = f"logfile={folder}/console.log,logappend=on"
    yield from ("-chardev", f"socket,id=console,path={folder}/console,server=on,wait=off,{log}")
    yield from ("-serial", "chardev:console")
    yield from ("-device", "virtio-serial-pci,addr=0x5")
    yield from ("-chardev", f"socket,id=agent,path={folder}/agent,server=on,wait=off")
    yield from ("-device", "virtserialport,chardev=agent,name=colossus")


def _nic(machine: Hardware, index: int) -> Iterator[str]:
    nic = machine.nics[index] if index < len(machine.nics) else None
    name = nic_id(index)
    if nic and nic.tap:
        yield from ("-netdev", f"tap,id={name},ifname={nic.tap},script=no,downscript=no")
    else:
        own, far = incoming(machine.folder, index), outgoing(machine.folder, index)
        local = f"local.type=unix,local.path={own}"
        yield from ("-netdev", f"dgram,id={name},{local},remote.type=unix,remote.path={far}")
    slot, function = divmod(index, NICS_PER_SLOT)
    address = f"addr={FIRST_SLOT + slot:#x}.{function},multifunction=on"
    mac = f",mac={nic.mac}" if nic else f",mac=52:54:00:00:00:{index:02x}"
    # A ROM is iPXE; machines that never netboot start quicker without.
    rom = ",bootindex=1" if nic and nic.rom else ",romfile="
    # One processor has about 200 interrupt vectors: with three for each of 64 NICs, other devices
    # found none ("virtio_console: Error -28").
    yield from ("-device", f"virtio-net-pci,netdev={name},{address},vectors=2{mac}{rom}")
