"""What the boot server hands out in a rehearsal: the twin's own image, made to live on a disk.

Kernel and root are those of the virtual machines (`twin.vm.image`). Added are a first stage that
writes the disk, and the head of that disk: GRUB, the partitions, kernel and initrd.
"""

import gzip
import hashlib
import os
import shutil
import struct
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from colossus.twin import image as base
from colossus.twin.vm.image import VmImage, ensure_vm_image

STAGE1 = Path(__file__).parent / "stage1.sh"
SECTOR = 512
# GRUB's core lies before the first partition.
FIRST_PARTITION = 1 << 20
LINUX_PARTITION = 0x83
# What is left of a disk of DISK_MIB after the image.
DISK_MIB = 2048
GRUB_MODULES = ("biosdisk", "part_msdos", "tar", "ext2", "linux", "normal", "configfile")


@dataclass(frozen=True, slots=True)
class InstallImage:
    """Folder with vmlinuz, initrd, disk.img and root.squashfs, as `boot.images` names them."""

    folder: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of it."""
        return tuple(sorted(self.folder.iterdir()))


def ensure_install_image(tell: Callable[[str], None] = lambda _: None) -> InstallImage:
    """Return the image, building it first if it is not there (some seconds after the VM's).

    Raises:
        RehearsalFailed: it cannot be built; the message ends with what the tool said.
    """
    vm = ensure_vm_image(tell)
    folder = install_image_path(vm)
    with base.only_builder(folder.with_name(f"{folder.name}.lock")):
        if not folder.is_dir():
            tell("building the image that hosts are installed from, once")
            _build(vm, folder)
    return InstallImage(folder)


def install_image_path(vm: VmImage) -> Path:
    """Return the folder in which the image made of the machines' is, or would be."""
    name = hashlib.sha256(f"{vm.digest}{_digest()}".encode()).hexdigest()[:16]
    return vm.folder.with_name(f"install-{name}")


def _digest() -> str:
    recipe = [Path(__file__).read_bytes(), STAGE1.read_bytes()]
    return hashlib.sha256(b"".join(recipe)).hexdigest()


def _build(vm: VmImage, folder: Path) -> None:
    fresh, work = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.work")
    for each in (fresh, work):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    try:
        for name in ("vmlinuz", "root.squashfs"):
            os.link(vm.folder / name, fresh / name)
        (fresh / "initrd").write_bytes(vm.initrd.read_bytes() + _first_stage(work))
        (fresh / "disk.img").write_bytes(_head(fresh, work))
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(work, ignore_errors=True)


def _first_stage(work: Path) -> bytes:
    """Pack our first program; unpacked after the machines' own, it takes its place."""
    shutil.copyfile(STAGE1, work / "init")
    (work / "init").chmod(0o755)
    pack = ["cpio", "--create", "--quiet", "--format=newc", "--reproducible", "--owner=+0:+0"]
    base.run([*pack, "--file=stage1.cpio"], work, "init\n")
    return gzip.compress((work / "stage1.cpio").read_bytes(), mtime=0)


def _head(image: Path, work: Path) -> bytes:
    """Make the beginning of the disk, up to the end of its first partition."""
    boot = work / "boot.tar"
    with tarfile.open(boot, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name in ("vmlinuz", "initrd"):
            tar.add(image / name, name)
    first = boot.read_bytes()
    root = (image / "root.squashfs").stat().st_size
    table = _partitions(len(first), root)
    core = work / "core.img"
    form = ["--format=i386-pc", "--prefix=(hd0,msdos3)/grub"]
    base.run(["grub-mkimage", *form, f"--output={core}", *GRUB_MODULES])
    # GRUB's own defaults: the first sector reads the second one, which says how many follow.
    sector = Path("/usr/lib/grub/i386-pc/boot.img").read_bytes()
    before = sector[: SECTOR - len(table)] + table + core.read_bytes()
    return before.ljust(FIRST_PARTITION, b"\0") + first.ljust(_whole(len(first)), b"\0")


def _whole(size: int) -> int:
    """Round up to whole MiB."""
    return -(-size >> 20) << 20


def _partitions(*sizes: int) -> bytes:
    """Give a partition table: partitions of these sizes one after the other, then the rest."""
    entries, start = b"", FIRST_PARTITION
    for size in (*(_whole(each) for each in sizes), 0):
        length = size or (DISK_MIB << 20) - start
        places = (start // SECTOR, length // SECTOR)
        entries += struct.pack("<BxxxBxxxII", 0, LINUX_PARTITION, *places)
        start += length
    return entries.ljust(64, b"\0") + b"\x55\xaa"
