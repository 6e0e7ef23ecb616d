"""What every machine boots: kernel, first stage, and the shared read-only root, built once.

The root is the very tree of the ns tier (`twin.image`), as one lz4 squashfs with the kernel's
modules and the guest's own files added. Kernel and busybox are downloaded with apt, never installed
here. Cached beside the tree, under what names its recipe; its digest names its content.
"""

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from colossus.errors import RehearsalFailed
from colossus.twin import image as base
from colossus.twin.vm.guest import dressing

KERNEL = "linux-image-cloud-amd64"
BUSYBOX = "busybox-static"
# What the first stage loads, each with what it needs; the rest is systemd's to load.
MODULES = (
    *("virtio_pci", "virtio_blk", "virtio_net", "virtio_console"),
    *("squashfs", "overlay"),
)
# One writable layer per machine; sparse, so only what a machine writes takes room.
DISK_MIB = 1024
# mke2fs would draw these at random.
DISK_UUID = "c0105505-0000-4000-8000-000000000001"
RECIPE_VERSION = 1
DESCRIPTION = "image.json"


@dataclass(frozen=True, slots=True)
class VmImage:
    """The files of the image; digest names their content; packages: "name version", kernel too.

    disk is an empty ext4 (sparse), the template's writable layer before its first boot.
    """

    folder: Path
    digest: str
    packages: tuple[str, ...]

    @property
    def kernel(self) -> Path:
        """The kernel, as its package has it."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The first stage: busybox, the modules, `guest/stage1.sh`."""
        return self.folder / "initrd"

    @property
    def root(self) -> Path:
        """The root tree that all machines read."""
        return self.folder / "root.squashfs"

    @property
    def disk(self) -> Path:
        """An empty writable layer."""
        return self.folder / "disk.ext4"


def vm_image_path() -> Path:
    """Return the folder in which the image is, or would be."""
    recipe = [base.digest(), str(RECIPE_VERSION), KERNEL, BUSYBOX, *MODULES, str(DISK_MIB)]
    recipe += [dressing.digest()]
    name = hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:16]
    return base.image_folder() / f"vm-{name}"


def vm_image_built() -> VmImage | None:
    """Return the image if it is built."""
    folder = vm_image_path()
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return VmImage(folder, described["digest"], tuple(described["packages"]))


def ensure_vm_image(tell: Callable[[str], None] = lambda _: None) -> VmImage:
    """Return the image, building it first if it is not there (once, about a minute).

    Raises:
        RehearsalFailed: it cannot be built; the message ends with what the tool said.
    """
    if image := vm_image_built():
        return image
    tree = base.ensure_image(tell)
    folder = vm_image_path()
    with base.only_builder(folder.with_name(f"{folder.name}.lock")):
        if not vm_image_built():
            tell("building the image of the virtual machines, once")
            _build(tree, folder)
    image = vm_image_built()
    if image is None:
        raise RehearsalFailed(f"the image of the virtual machines is not in {folder}")
    return image


def _build(tree: Path, folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        packages = _fill(tree, fresh)
        names = ("vmlinuz", "initrd", "root.squashfs", "disk.ext4")
        digests = [_sha256(fresh / name) for name in names]
        described = {
            "digest": hashlib.sha256("\n".join(digests).encode()).hexdigest(),
            "sha256": dict(zip(names, digests, strict=True)),
            "packages": packages,
        }
        (fresh / DESCRIPTION).write_text(json.dumps(described, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _fill(tree: Path, fresh: Path) -> list[str]:
    """Make the four files of the image, and return the packages in them."""
    work = fresh / "work"
    work.mkdir()
    kernel = _kernel_package()
    base.run(["apt-get", "download", "-q", kernel, BUSYBOX], work)
    debs = sorted(work.glob("*.deb"))
    for deb in debs:
        base.run(["dpkg-deb", "--extract", str(deb), "unpacked"], work)
    release = next((work / "unpacked/lib/modules").iterdir()).name
    base.run(["depmod", "-b", "unpacked", release], work)
    shutil.copyfile(work / f"unpacked/boot/vmlinuz-{release}", fresh / "vmlinuz")
    _pack_initrd(work, release, fresh / "initrd")
    # Links, not copies: what is added or replaced below never touches the tree itself.
    base.run(["cp", "-al", str(tree), "root"], work)
    root = work / "root"
    (work / "unpacked/lib/modules").rename(root / "usr/lib/modules")
    dressing.dress(root)
    squash = [*("-comp", "lz4", "-noappend", "-quiet", "-no-progress")]
    base.run(["mksquashfs", "root", str(fresh / "root.squashfs"), *squash], work)
    make_disk(fresh / "disk.ext4")
    form = "--showformat=${Package} ${Version}\\n"
    added = [base.run(["dpkg-deb", "--show", form, str(deb)], work).strip() for deb in debs]
    shutil.rmtree(work)
    return [*base.image_status().packages, *added]


def _kernel_package() -> str:
    """Return the package of the newest kernel of its kind that apt knows."""
    for line in base.run(["apt-cache", "depends", KERNEL]).splitlines():
        word, _, name = line.strip().partition(" ")
        if word == "Depends:":
            return name
    raise RehearsalFailed(f"apt knows no {KERNEL}", hint="run `apt-get update`; `make setup` does")


def _pack_initrd(work: Path, release: str, path: Path) -> None:
    stage = work / "stage1"
    for name in ("bin", "dev", "proc", "sys", "modules"):
        (stage / name).mkdir(parents=True)
    shutil.copyfile(work / "unpacked/bin/busybox", stage / "bin/busybox")
    (stage / "bin/sh").symlink_to("busybox")
    (stage / "bin/busybox").chmod(0o755)
    shutil.copyfile(dressing.FILES / "stage1.sh", stage / "init")
    (stage / "init").chmod(0o755)
    for number, module in enumerate(_modules(work, release)):
        shutil.copyfile(module, stage / f"modules/{number:02}-{module.name}")
    names = sorted(str(found.relative_to(stage)) for found in stage.rglob("*"))
    _age(stage / name for name in names)
    pack = ["cpio", "--create", "--quiet", "--format=newc", "--reproducible", "--owner=+0:+0"]
    archive = work / "stage1.cpio"
    base.run([*pack, f"--file={archive}"], stage, "\n".join(names))
    path.write_bytes(gzip.compress(archive.read_bytes(), mtime=0))


def _modules(work: Path, release: str) -> list[Path]:
    """Return the files of the modules, each after those it needs."""
    found: dict[Path, None] = {}
    for name in MODULES:
        # This machine's own settings of modules are no business of the guest.
        asked = ["modprobe", "--config=/dev/null", "--dirname=unpacked", f"--set-version={release}"]
        for line in base.run([*asked, "--show-depends", name], work).splitlines():
            word, _, path = line.strip().partition(" ")
            if word == "insmod":
                found[work / path] = None
    return list(found)


def _age(paths: Iterable[Path]) -> None:
    """Give files the one time that everything in an image has."""
    moment = int(base.SOURCE_DATE_EPOCH)
    for path in paths:
        os.utime(path, (moment, moment), follow_symlinks=False)


def make_disk(path: Path, mib: int = DISK_MIB) -> None:
    """Make an empty writable layer of so many MiB, the same bytes each time."""
    with path.open("wb") as disk:
        disk.truncate(mib << 20)
    extended = f"hash_seed={DISK_UUID},lazy_itable_init=0,lazy_journal_init=0"
    shape = ["-U", DISK_UUID, "-N", "65536", "-m", "0", "-J", "size=8", "-E", extended]
    base.run(["mke2fs", "-q", "-F", "-t", "ext4", *shape, str(path)])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
