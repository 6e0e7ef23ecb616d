"""What a machine is given: its identity as a tar, its dressing, its accelerator, its tether."""

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from colossus.errors import RehearsalFailed
from colossus.twin import state
from colossus.twin.state import Life
from colossus.twin.vm import accel, power
from colossus.twin.vm.guest import dressing
from colossus.twin.vm.identity import Identity, seed_tar
from colossus.twin.vm.image import VmImage

WHO = Identity(
    name="gpu1",
    machine_id="a" * 32,
    authorized_key="ssh-ed25519 AAAA operator",
    host_key="-----BEGIN",
    host_public_key="ssh-ed25519 BBBB",
    nics=(("eno1", "52:54:01:00:00:01"), ("enp1s0", "52:54:01:00:00:02")),
    bootstrap=("link set eno1 up", "addr add 10.20.0.11/22 dev eno1"),
    accelerators=2,
)


def unpacked(content: bytes) -> dict[str, tuple[str, int]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        found = {}
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            found[member.name] = (file.read().decode(), member.mode)
        return found


def test_a_seed_says_who_a_machine_is() -> None:
    files = unpacked(seed_tar(WHO))
    assert files["etc/hostname"] == ("gpu1\n", 0o644)
    assert files["etc/machine-id"] == (f"{'a' * 32}\n", 0o444)
    assert files["etc/ssh/ssh_host_ed25519_key"] == ("-----BEGIN", 0o600)
    assert files["root/.ssh/authorized_keys"] == ("ssh-ed25519 AAAA operator\n", 0o600)
    numbered = "0 eno1 52:54:01:00:00:01\n1 enp1s0 52:54:01:00:00:02\n"
    assert files["etc/colossus-twin/nics"] == (numbered, 0o644)
    assert files["etc/colossus-twin/accelerators"][0] == "2\n"


def test_equal_identities_give_equal_seeds() -> None:
    assert seed_tar(WHO) == seed_tar(replace(WHO))
    assert seed_tar(WHO) != seed_tar(replace(WHO, name="gpu2"))


def test_dressing_never_writes_into_the_tree_it_shares_files_with(tmp_path: Path) -> None:
    shared, root = tmp_path / "shared", tmp_path / "root"
    (shared / "etc").mkdir(parents=True)
    (shared / "etc/machine-id").write_text("uninitialized\n", encoding="utf-8")
    (root / "etc").mkdir(parents=True)
    (root / "etc/machine-id").hardlink_to(shared / "etc/machine-id")
    dressing.dress(root)
    assert (shared / "etc/machine-id").read_text(encoding="utf-8") == "uninitialized\n"
    assert (root / "etc/machine-id").read_text(encoding="utf-8") == f"{dressing.MACHINE_ID}\n"
    units = root / "etc/systemd/system"
    assert (units / "sysinit.target.wants/colossus-agent.service").resolve() == (
        units / "colossus-agent.service"
    )
    assert (units / "apt-daily.timer").readlink() == Path("/dev/null")


@pytest.mark.parametrize(
    ("flags", "modules", "why"),
    [
        ("fpu sse", [], "the processor offers no virtualisation (neither vmx nor svm)"),
        ("fpu vmx", [], "neither kvm_intel nor kvm_amd is loaded"),
        ("fpu svm", ["kvm_amd"], ""),
    ],
)
def test_what_rules_kvm_out_without_a_trial(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: str,
    modules: list[str],
    why: str,
) -> None:
    for name, text in (("kvm", ""), ("cpuinfo", f"flags : {flags}\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name in modules:
        (tmp_path / name).mkdir()
    monkeypatch.setattr(accel, "DEVICE", tmp_path / "kvm")
    monkeypatch.setattr(accel, "CPU", tmp_path / "cpuinfo")
    monkeypatch.setattr(accel, "VENDOR_MODULES", (tmp_path / "kvm_intel", tmp_path / "kvm_amd"))
    assert accel.obstacle() == why
    (tmp_path / "kvm").unlink()
    assert accel.obstacle() == f"there is no {tmp_path / 'kvm'}"


def test_kvm_that_opens_and_boots_nothing_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A QEMU that says nothing stands for one; the verdict is kept until the host boots again."""
    silent = tmp_path / "qemu"
    silent.write_text(f"#!/bin/sh\necho x >>{tmp_path}/tries\n", encoding="utf-8")
    silent.chmod(0o755)
    monkeypatch.setattr(accel, "QEMU", str(silent))
    monkeypatch.setattr(accel, "obstacle", lambda: "")
    monkeypatch.setattr(accel, "user_cache_path", lambda _: tmp_path)
    image = VmImage(tmp_path, "digest", ())
    found = accel.probe(image)
    assert found.name == "tcg"
    assert found.reason.endswith("opens, but a kernel does not boot: it said nothing")
    assert accel.probe(image) == found
    assert (tmp_path / "tries").read_text(encoding="utf-8") == "x\n"


def test_kvm_is_used_where_a_kernel_boots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    booting = tmp_path / "qemu"
    booting.write_text(f"#!/bin/sh\necho '{accel.MARKER.decode()}'\n", encoding="utf-8")
    booting.chmod(0o755)
    monkeypatch.setattr(accel, "QEMU", str(booting))
    monkeypatch.setattr(accel, "obstacle", lambda: "")
    monkeypatch.setattr(accel, "user_cache_path", lambda _: tmp_path)
    assert accel.probe(VmImage(tmp_path, "digest", ())).name == "kvm"


def test_a_qemu_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    argv = ["sh", "-c", "echo no such machine >&2; exit 1"]
    with pytest.raises(RehearsalFailed, match="QEMU does not start: no such machine"):
        power.start(argv, tmp_path)


# Stands for QEMU: greets everybody at its socket.
GREETER = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
while True:
    listener.accept()[0].sendall(b"{}")
"""
TOOL = """
import json, signal, sys
from dataclasses import asdict
from pathlib import Path
from colossus.twin.vm import power
tether = power.start(json.loads(sys.argv[2]), Path(sys.argv[1]))
if sys.argv[3] == "stay":
    tether.stay()
print(json.dumps(asdict(tether.life)), flush=True)
signal.pause()
"""


@pytest.mark.parametrize("word", ["", "stay"])
def test_a_machine_ends_with_the_tool_unless_it_may_stay(tmp_path: Path, word: str) -> None:
    argv = json.dumps([sys.executable, "-c", GREETER, str(tmp_path / "qmp")])
    with subprocess.Popen(
        [sys.executable, "-c", TOOL, str(tmp_path), argv, word], stdout=subprocess.PIPE, text=True
    ) as tool:
        assert tool.stdout is not None
        life = Life(**json.loads(tool.stdout.readline()))
        assert life.alive
        os.kill(tool.pid, signal.SIGKILL)
    gone = not state.wait_until_gone([life], 1.0 if word else 10.0)
    life.kill()
    assert gone is (not word)
