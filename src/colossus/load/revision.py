"""The same inventory as of a git revision, or as another folder has it (`--base REV|DIR`).

A revision is read with `git archive` into a scratch folder: no checkout, no worktree, nothing in
the operator's repository changes. Playbooks and catalogue come along, so that the old state is
whole. The scratch folder goes when the result is no longer used.
"""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import weakref
from pathlib import Path

from colossus.errors import InventoryRefused
from colossus.load.files import shown_path
from colossus.load.site import SITE_FILE, Loaded, load_site
from colossus.share import checkout

# What a site is made of besides its own folder, where its checkout carries them.
_SHARED = ("pyproject.toml", "inventory", "playbooks")
_SECONDS = 60
# Set inside git hooks; they would overrule `git -C`.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


def load_revision(path: Path, base: str) -> Loaded:
    """Read the inventory as of `base`: a folder with a cluster.yaml, else a git revision.

    Raises:
        InventoryRefused: no such revision or folder, no git, or no repository around `path`.
    """
    if base and (Path(base) / SITE_FILE).is_file():
        return load_site(Path(base))
    folder = (path.parent if path.is_file() else path).resolve()
    repository = _repository(folder, base)
    commit = _commit(repository, base)
    scratch = Path(tempfile.mkdtemp(prefix="colossus-base-")).resolve()
    try:
        _extract(repository, commit, _wanted(repository, folder), scratch)
        loaded = load_site(_inside(scratch, repository, folder, base), shown_below=scratch)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    weakref.finalize(loaded, shutil.rmtree, scratch, ignore_errors=True)
    return loaded


def _inside(scratch: Path, repository: Path, folder: Path, base: str) -> Path:
    inside = scratch / folder.relative_to(repository)
    if not inside.is_dir():
        raise InventoryRefused(
            f"{shown_path(folder)} does not exist at revision {base!r}",
            "name a revision in which this site was there already",
        )
    return inside


def _repository(folder: Path, base: str) -> Path:
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.returncode:
        said = found.stderr.decode(errors="replace").strip().splitlines()
        raise InventoryRefused(
            f"there is no revision {base!r}: git says {said[0] if said else 'nothing'}",
            "name a folder with the older inventory instead: --base DIR",
        )
    return Path(found.stdout.decode().rstrip("\n")).resolve()


def _commit(repository: Path, base: str) -> str:
    """Give the full id of the commit; `--end-of-options` keeps a hostile name from being one."""
    found = _git(
        repository,
        *("rev-parse", "--verify", "--quiet", "--end-of-options"),
        f"{base}^{{commit}}",
    )
    if found.returncode:
        raise InventoryRefused(
            f"there is no revision {base!r} here, and no folder with a cluster.yaml",
            "`git log --oneline` lists the revisions; a shallow clone lacks older ones",
        )
    return found.stdout.decode().strip()


def _wanted(repository: Path, folder: Path) -> list[str]:
    """Give the paths to extract, relative to the repository; none means all of it."""
    root = checkout(folder)
    shared = [root / name for name in _SHARED] if root and root.is_relative_to(repository) else []
    wanted = [str(each.relative_to(repository)) for each in (folder, *shared)]
    return [] if "." in wanted else wanted


def _extract(repository: Path, commit: str, paths: list[str], scratch: Path) -> None:
    listed = _git(repository, "ls-tree", "-z", "--name-only", commit, "--", *paths)
    present = [name.decode() for name in listed.stdout.split(b"\0") if name]
    if not present:
        return
    packed = _git(repository, "archive", "--format=tar", commit, "--", *present)
    if packed.returncode:
        said = packed.stderr.decode(errors="replace").strip()
        raise InventoryRefused(f"git archive failed: {said}")
    _unpack(packed.stdout, scratch)


def _unpack(packed: bytes, scratch: Path) -> None:
    """Write the regular files; links are left out, so nothing can point outside.

    By hand, because `extractall(filter=...)` is missing from Debian 12's Python 3.11.2.
    """
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            target = (scratch / member.name).resolve()
            if content is None or not target.is_relative_to(scratch):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - an argv list; revisions come after --end-of-options
            ["git", "--literal-pathspecs", "-C", str(folder), *arguments],  # noqa: S607 - the operator's git
            check=False,
            env={name: value for name, value in os.environ.items() if name not in _OF_HOOKS},
            capture_output=True,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise InventoryRefused("git is not installed", "install git, or use --base DIR") from None
    except subprocess.TimeoutExpired:
        raise InventoryRefused("git did not answer within a minute") from None
