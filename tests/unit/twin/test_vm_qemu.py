"""QEMU's command line: devices that clones share with their template, cables, boot, limits."""

from pathlib import Path

import pytest

from colossus.errors import RehearsalFailed
from colossus.twin.vm.plugs import Plug, cut, join
from colossus.twin.vm.qemu import NIC_CLASSES, Boot, Hardware, Nic, command, nic_class

HERE = Path("/run/m1")
PARTS = (Nic("eno1", "52:54:01:00:00:01"), Nic("enp1s0", "52:54:01:00:00:02"))


def hardware(**more: object) -> Hardware:
    given: dict[str, object] = {
        "name": "m1",
        "folder": HERE,
        "accel": "tcg",
        "memory_mib": 192,
        "nics": PARTS,
        "kernel": Path("/image/vmlinuz"),
        "initrd": Path("/image/initrd"),
        "root": Path("/image/root.squashfs"),
        "disk": HERE / "disk",
    }
    return Hardware(**{**given, **more})  # type: ignore[arg-type] # tests name what they change


def words(machine: Hardware, option: str) -> list[str]:
    argv = command(machine)
    return [argv[at + 1] for at, word in enumerate(argv) if word == option]


def devices(machine: Hardware) -> list[str]:
    """What a guest sees, without the addresses on its NICs."""
    return [word.partition(",mac=")[0] for word in words(machine, "-device")]


def test_a_clone_has_the_devices_of_its_template() -> None:
    memory = Path("/image/templates/t/memory")
    template = hardware(nics=(), nic_count=6, memory_file=memory, shared_memory=True)
    clone = hardware(nic_count=6, memory_file=memory, incoming=True)
    assert devices(clone) == devices(template)
    assert words(clone, "-M") == words(template, "-M")
    assert words(clone, "-incoming") == ["defer"]
    assert words(template, "-incoming") == []


def test_only_the_template_writes_the_memory_that_clones_share() -> None:
    memory = Path("/image/templates/t/memory")
    (written,) = words(hardware(memory_file=memory, shared_memory=True), "-object")
    (private,) = words(hardware(memory_file=memory), "-object")
    assert written.endswith("share=on")
    assert private == written.replace("share=on", "share=off")


def test_every_nic_reads_its_own_socket_and_writes_to_its_link() -> None:
    first, second = words(hardware(), "-netdev")
    assert "local.path=/run/m1/0.in" in first
    assert "remote.path=/run/m1/0.out" in first
    assert "local.path=/run/m1/1.in" in second


def test_nics_come_in_the_order_of_their_numbers() -> None:
    """The guest calls them eth0, eth1, ... by place, and its names go by these numbers."""
    places = [
        word.partition("addr=")[2].partition(",")[0]
        for word in words(hardware(nics=(), nic_count=20), "-device")
        if word.startswith("virtio-net")
    ]
    keys = [tuple(int(part, 16) for part in place.split(".")) for place in places]
    assert keys == sorted(keys)
    assert len(set(keys)) == 20


def test_only_a_nic_that_netboots_has_a_rom() -> None:
    nics = (Nic("eno1", "52:54:01:00:00:01", rom=True), PARTS[1])
    machine = hardware(nics=nics, boot=Boot.NETWORK)
    first, second = (word for word in words(machine, "-device") if word.startswith("virtio-net"))
    assert "romfile" not in first
    assert second.endswith("romfile=")
    assert words(machine, "-kernel") == []


def test_kvm_gets_the_machine_s_own_processor() -> None:
    assert words(hardware(accel="kvm"), "-cpu") == ["host"]
    assert words(hardware(accel="kvm"), "-accel") == ["kvm"]
    assert words(hardware(), "-cpu") == ["qemu64"]


def test_a_folder_too_deep_for_sockets_is_refused() -> None:
    with pytest.raises(RehearsalFailed, match="is too long for sockets"):
        command(hardware(folder=Path("/") / ("d" * 100)))


@pytest.mark.parametrize(("nics", "count"), [(1, 6), (6, 6), (7, 12), (13, 24), (64, 64)])
def test_nics_are_rounded_up_to_a_class(nics: int, count: int) -> None:
    assert nic_class(nics) == count


def test_more_ports_than_a_machine_can_have_are_refused() -> None:
    with pytest.raises(RehearsalFailed, match="at most 64 ports, 65 are needed"):
        nic_class(NIC_CLASSES[-1] + 1)


def test_a_plug_leads_to_the_far_end_until_it_is_moved_or_cut(tmp_path: Path) -> None:
    one, other, third = (Plug(tmp_path / name, number) for number, name in enumerate("abc"))
    join(one, other)
    assert (tmp_path / "a/0.out").readlink() == tmp_path / "b/1.in"
    assert (tmp_path / "b/1.out").readlink() == tmp_path / "a/0.in"
    join(one, third)
    assert (tmp_path / "a/0.out").readlink() == tmp_path / "c/2.in"
    cut(one)
    cut(one)
    assert not (tmp_path / "a/0.out").is_symlink()
