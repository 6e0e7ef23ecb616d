"""Which accelerator the machines run on: KVM only where a kernel really boots under it.

A /dev/kvm that opens, makes machines and processors, may still boot nothing (nested or software
KVM), and QEMU's own fallback does not notice. So a small boot decides, once per boot of this host.
"""

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path

from colossus.load.writing import write_text
from colossus.twin.vm.image import VmImage
from colossus.twin.vm.qemu import KERNEL_WORDS, QEMU

DEVICE = Path("/dev/kvm")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
CPU = Path("/proc/cpuinfo")
VENDOR_MODULES = (Path("/sys/module/kvm_intel"), Path("/sys/module/kvm_amd"))
# Real KVM needs one second; what needs more than this would be slower than emulation.
TRIAL_SECONDS = 10.0
TRIAL_MIB = 128
# What guest/stage1.sh prints when the kernel words ask for it.
MARKER = b"colossus: a kernel boots here"


@dataclass(frozen=True, slots=True)
class Accel:
    """The accelerator, and why this one in words for the report."""

    name: Literal["kvm", "tcg"]
    reason: str


def probe(image: VmImage) -> Accel:
    """Return the accelerator to use on this machine, as tried once since it booted."""
    known = user_cache_path("colossus") / "twin" / "accel.json"
    boot = BOOT_ID.read_text(encoding="utf-8").strip()
    try:
        told = json.loads(known.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        told = {}
    # Who asks matters: the device may be open to root only.
    asked = {"boot": boot, "user": os.geteuid(), "image": image.digest}
    if told.get("asked") == asked:
        return Accel(**told["found"])
    found = _probe(image)
    write_text(known, json.dumps({"asked": asked, "found": asdict(found)}))
    return found


def _probe(image: VmImage) -> Accel:
    if why := obstacle():
        return Accel("tcg", f"software emulation: {why}")
    if why := _trial(image):
        return Accel("tcg", f"software emulation: {DEVICE} opens, but {why}")
    return Accel("kvm", f"KVM: a kernel boots under {DEVICE}")


def obstacle() -> str:
    """Return what rules KVM out without a trial, "" if nothing does."""
    if not DEVICE.exists():
        return f"there is no {DEVICE}"
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return f"{DEVICE} is not open to this user"
    flags = CPU.read_text(encoding="utf-8").split()
    if "vmx" not in flags and "svm" not in flags:
        return "the processor offers no virtualisation (neither vmx nor svm)"
    if not any(module.exists() for module in VENDOR_MODULES):
        return "neither kvm_intel nor kvm_amd is loaded"
    return ""


def _trial(image: VmImage) -> str:
    """Boot a kernel under KVM; return why that failed, "" if it did not."""
    argv = [QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-M", "q35"]
    argv += ["-accel", "kvm", "-cpu", "host", "-m", str(TRIAL_MIB), "-no-reboot"]
    argv += ["-kernel", str(image.kernel), "-initrd", str(image.initrd)]
    argv += ["-append", f"{KERNEL_WORDS} colossus.probe", "-serial", "stdio"]
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"a kernel does not boot within {TRIAL_SECONDS:g} s"
    if MARKER in done.stdout:
        return ""
    last = (done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
    return f"a kernel does not boot: {last}"
