"""What the examples come to, file by file: rendered files and the first plan, as committed.

`COLOSSUS_UPDATE_GOLDEN=1 .venv/bin/pytest tests/golden` writes them again; then read `git diff`.
"""

import os
import shutil
from functools import cache
from pathlib import Path

import pytest

from colossus.cli.views.plan_text import as_text
from colossus.plan.difference import make_plan
from colossus.plan.resource import Desired
from colossus.render.folder import files_of
from tests.unit.sites import ROOT, desired_of

# Example → one host of each role: equal roles differ only in names, addresses and ports.
SHOWN = {
    "stanford-nlp": ("ctl-01", "gpu-0001", "leaf-01", "oob-01"),
    "grok1-node": ("node-01", "oob-01"),
}
UPDATE = bool(os.environ.get("COLOSSUS_UPDATE_GOLDEN"))


@cache
def desired(example: str) -> Desired:
    return desired_of(example=example)


def expected(example: str) -> Path:
    return ROOT / "examples" / example / "expected"


def rendered(example: str, host: str) -> dict[str, str]:
    made = desired(example)
    return {path.lstrip("/"): text for path, text in files_of(made.targets[host], made)}


def committed(folder: Path) -> dict[str, str]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


@pytest.mark.parametrize(
    ("example", "host"), [(example, host) for example, hosts in SHOWN.items() for host in hosts]
)
def test_rendered_files_are_as_committed(example: str, host: str) -> None:
    folder = expected(example) / "files" / host
    files = rendered(example, host)
    if UPDATE:
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    assert files == committed(folder)


@pytest.mark.parametrize("example", SHOWN)
def test_the_first_plan_is_as_committed(example: str) -> None:
    plan = make_plan(desired(example), {}, against="nothing", inventory_digest="")
    text = as_text(plan, {}) + "\n"
    file = expected(example) / "plan.txt"
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text("utf-8")


def test_every_role_is_shown() -> None:
    for example, hosts in SHOWN.items():
        targets = desired(example).targets
        assert {targets[host].role for host in hosts} == {each.role for each in targets.values()}
