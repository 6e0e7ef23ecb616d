"""Write every configuration file into a folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from colossus.cli.opening import Inventory, StageName, checked
from colossus.cli.views.messages import put, say
from colossus.errors import UsageError
from colossus.load.files import shown_path
from colossus.load.playbooks import load_playbooks
from colossus.plan.resource import Desired
from colossus.render.desired import render as rendered

# Marks a folder as ours to replace, so that no other folder is ever emptied.
_MARK = ".colossus-render"


def render(
    inventory: Inventory,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
    stage: StageName = "",
) -> int:
    """Write every configuration file into a folder: DIR/HOST/etc/...

    Secrets are references and are not written. DIR is replaced as a whole; a folder that
    `colossus render` has not written is refused unless it is empty.
    """
    site = checked(inventory, stage)
    playbooks = load_playbooks(site.loaded.accepted(), site.loaded.folder)
    desired = rendered(site.designed.fabric, playbooks)
    _clear(out)
    written = [_write(out, path, content) for path, content in _files(desired)]
    (out / _MARK).write_text(f"{desired.cluster}\n", encoding="utf-8")
    put(f"wrote {len(written)} files of {len(desired.targets)} hosts to {shown_path(out)}")
    if left := sum("secret" in each.body for t in desired.targets.values() for each in t.resources):
        say(f"{left} files hold secrets and were not written")
    return 0


def _files(desired: Desired) -> Iterator[tuple[str, str]]:
    """Give path below the folder and content of every file without secrets."""
    for name, target in desired.targets.items():
        for resource in target.resources:
            if resource.kind == "file" and "content" in resource.body:
                path = str(resource.body["path"]).lstrip("/")
                yield f"{name}/{path}", desired.blobs[str(resource.body["content"])]


def _clear(out: Path) -> None:
    """Make an empty folder; refuse one that holds anything we did not write."""
    if out.is_dir() and any(out.iterdir()):
        if not (out / _MARK).is_file():
            raise UsageError(
                f"{shown_path(out)} holds files that `colossus render` did not write",
                "name a new or empty folder",
            )
        shutil.rmtree(out)
    elif out.exists() and not out.is_dir():
        raise UsageError(f"{shown_path(out)} is a file", "name a new or empty folder")
    out.mkdir(parents=True, exist_ok=True)


def _write(out: Path, path: str, content: str) -> Path:
    target = out / path
    if not target.resolve().is_relative_to(out.resolve()):
        raise UsageError(f"{path} leads out of the folder", "correct the path in the playbook")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
    return target
