"""The nodes' root tree: a read-only Debian made once from a package list, cached by its digest.

Every node sees it under a private layer of its own. It is built from this machine's own package
sources, so no registry is named here. A tier of virtual machines may use the same list.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import site_cache_path

from colossus.errors import RehearsalFailed
from colossus.share import share

SUITE = "bookworm"
BUILD_SECONDS = 900.0
# Nothing starts while packages are configured: there is no node yet.
NO_DAEMONS = 'mkdir -p "$1/usr/sbin"; printf "#!/bin/sh\\nexit 101\\n" >"$1/usr/sbin/policy-rc.d"; '
NO_DAEMONS += 'chmod 755 "$1/usr/sbin/policy-rc.d"'
# Keys must be each node's own; policy-rc.d has done its work.
NO_KEYS = 'rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/munge/munge.key "$1"/usr/sbin/policy-rc.d'
OPTIONS = (
    "--mode=root",
    "--variant=essential",
    "--skip=download/empty,output/dev",
    # A crash half way throws the tree away, so waiting for the disk buys nothing.
    "--dpkgopt=force-unsafe-io",
    *(
        f"--dpkgopt=path-exclude=/usr/share/{folder}/*"
        for folder in ("doc", "man", "info", "locale", "lintian")
    ),
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    f"--setup-hook={NO_DAEMONS}",
    f"--customize-hook={NO_KEYS}",
)
# Times in the tree do not depend on when it was built.
SOURCE_DATE_EPOCH = "1700000000"


@dataclass(frozen=True, slots=True)
class ImageStatus:
    """Whether the image is built, where it is or will be, and its packages ("name version")."""

    path: Path
    built: bool
    packages: tuple[str, ...]


def package_list() -> tuple[str, ...]:
    """Return the packages of the image, from infra/twin/image/packages.txt."""
    text = (share("infra") / "twin/image/packages.txt").read_text(encoding="utf-8")
    words = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(word for word in words if word)


def digest() -> str:
    """Return what names the image: 16 hexadecimal digits of its package list and options."""
    recipe = "\n".join([SUITE, SOURCE_DATE_EPOCH, *OPTIONS, *package_list()])
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


def image_folder() -> Path:
    """Return where all images of this machine are: root builds them, everybody may read them."""
    return site_cache_path("colossus") / "twin"


def image_path() -> Path:
    """Return where the image is, or would be."""
    return image_folder() / digest() / "root"


def image_status() -> ImageStatus:
    """Say whether the image is built."""
    path = image_path()
    manifest = path.with_name("packages.txt")
    built = manifest.exists()
    lines = manifest.read_text(encoding="utf-8").splitlines() if built else []
    return ImageStatus(path, built, tuple(lines))


def ensure_image(progress: Callable[[str], None] = lambda _: None) -> Path:
    """Return the image's root, building it first if it is not there (once, half a minute).

    progress is told, in a line for the operator, what takes time.

    Raises:
        RehearsalFailed: it cannot be built; the message ends with what the tool said.
    """
    if image_status().built:
        return image_path()
    folder = image_path().parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    with only_builder(folder.with_name(f"{folder.name}.lock")):
        if not image_status().built:
            progress(f"building the twin's image, once: {len(package_list())} packages")
            _build(folder)
    return image_path()


@contextmanager
def only_builder(path: Path) -> Iterator[None]:
    """Keep out everybody else who would build the same: hold the lock at path."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        sources = fresh / "sources.list"
        sources.write_text(_sources(), encoding="utf-8")
        included = f"--include={','.join(package_list())}"
        root = fresh / "root"
        run(["mmdebstrap", *OPTIONS, included, SUITE, str(root), str(sources)])
        manifest = run(
            [
                "dpkg-query",
                f"--admindir={root}/var/lib/dpkg",
                "-W",
                "-f",
                "${Package} ${Version}\\n",
            ]
        )
        (fresh / "packages.txt").write_text(manifest, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _sources() -> str:
    """Return this machine's own Debian package sources as one-line entries."""
    form = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    asked = ["apt-get", "indextargets", "--format", form, "Created-By: Packages", "Origin: Debian"]
    text = run(asked)
    if SUITE not in text:
        raise RehearsalFailed(
            f"apt on this machine has no Debian {SUITE} package lists",
            hint="run `apt-get update`; `make setup` does",
        )
    return text


def run(argv: list[str], folder: Path | None = None, stdin: str = "") -> str:
    """Run a tool that builds an image, in a folder, and return what it prints.

    Raises:
        RehearsalFailed: it is not installed, or fails.
    """
    # What only root used to need is not on everybody's path.
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    more = {"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH, "LC_ALL": "C.UTF-8", "PATH": path}
    # What mke2fs heeds instead, before its release 1.47.1.
    more["E2FSPROGS_FAKE_TIME"] = SOURCE_DATE_EPOCH
    try:
        done = subprocess.run(
            argv,
            env={**os.environ, **more},
            cwd=folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise RehearsalFailed(f"{argv[0]} is not installed", hint="`make setup` does it") from None
    if done.returncode:
        last = " / ".join(done.stderr.strip().splitlines()[-3:])
        raise RehearsalFailed(f"the twin's image cannot be built: {argv[0]}: {last}")
    return done.stdout
