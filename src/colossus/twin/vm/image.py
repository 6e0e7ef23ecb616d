"""What every machine boots: kernel, first stage, and the shared read-only root, built once.

The root is the very tree of the ns tier (`twin.image`), as one lz4 squashfs with the kernel's
modules and the guest's own files added. The kernel is downloaded with apt and never installed here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class VmImage:
    """The files of the image; digest names their content; packages: "name version", kernel too.

    disk is an empty ext4 (sparse), the template's writable layer before its first boot.
    """

    kernel: Path
    initrd: Path
    root: Path
    disk: Path
    digest: str
    packages: tuple[str, ...]


def vm_image_built() -> bool:
    """Whether `ensure_vm_image` has nothing to build."""
    return False


def ensure_vm_image(tell: Callable[[str], None] = lambda _: None) -> VmImage:
    """Return the image, building it first if it is not there (once, about a minute).

    Raises:
        RehearsalFailed: it cannot be built; the message ends with what the tool said.
    """
    raise NotImplementedError
