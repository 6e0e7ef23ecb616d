"""Images that this version of the tool no longer uses: other recipes made them."""

import re
import shutil
from pathlib import Path

from colossus.errors import RehearsalFailed
from colossus.twin import state
from colossus.twin.image import image_folder, image_path, only_builder
from colossus.twin.metal.image import install_image_path
from colossus.twin.vm.image import vm_image_built, vm_image_path

# The base tree, the machines' image, the image that hosts are installed from; .new: half built.
NAMES = re.compile(r"(?:vm-|install-)?[0-9a-f]{16}(?:\.new)?")


def stale_images() -> list[Path]:
    """List the folders of images that are not today's."""
    machines = vm_image_built()
    kept = {image_path().parent, vm_image_path()}
    if machines is not None:
        kept.add(install_image_path(machines))
    found = image_folder().glob("*") if image_folder().is_dir() else ()
    return sorted(
        path for path in found if path.is_dir() and NAMES.fullmatch(path.name) and path not in kept
    )


def remove_stale_images() -> list[Path]:
    """Remove them; gives what was removed.

    Raises:
        RehearsalFailed: a twin is up, which may read them, or they are not ours to remove.
    """
    if up := state.names():
        raise RehearsalFailed(f"{', '.join(up)} may use an older image", "colossus twin down --all")
    removed = stale_images()
    for path in removed:
        lock = path.with_name(f"{path.name.removesuffix('.new')}.lock")
        try:
            with only_builder(lock):
                if path.exists():  # whoever was building it may have finished
                    shutil.rmtree(path)
                lock.unlink()
        except PermissionError as fault:
            summary = f"{path} cannot be removed: {fault.strerror}"
            raise RehearsalFailed(summary, "run it as root") from None
    return removed
