"""Playbook folders: read with what they include, the site's own first, faults with lines."""

from pathlib import Path

import pytest

from colossus.load.playbooks import read_playbooks
from colossus.load.refused import SiteRefused

GOOD = "description: a\nresources:\n  - file: /etc/x\n    reason: because it is\n"


def write(root: Path, name: str, text: str, **files: str) -> None:
    folder = root / name
    (folder / "files" / "etc").mkdir(parents=True, exist_ok=True)
    (folder / "playbook.yaml").write_text(text, encoding="utf-8")
    for file, content in files.items():
        (folder / "files" / "etc" / file).write_text(content, encoding="utf-8")


def refused(root: Path, *names: str) -> list[str]:
    with pytest.raises(SiteRefused) as caught:
        read_playbooks(dict.fromkeys(names or ["host"], "roles.compute.playbook"), (root,))
    return [
        f"{f.where.file.rpartition('/')[2]}:{f.where.line} {f.code}: {f.summary} | {f.hint}"
        for f in caught.value.findings
    ]


def test_a_playbook_comes_with_what_it_includes(tmp_path: Path) -> None:
    write(tmp_path, "base", GOOD, x="text\n")
    write(tmp_path, "host", "description: h\ninclude: [base]\n")
    found = read_playbooks({"host": "roles.compute.playbook"}, (tmp_path,))
    assert list(found) == ["base", "host"]
    assert found["base"].files == {"etc/x": "text\n"}
    assert found["base"].lines["resources[0].file"] == 3


def test_the_first_root_wins_folder_by_folder(tmp_path: Path) -> None:
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    write(own, "base", GOOD, x="own\n")
    write(shipped, "base", GOOD, x="shipped\n")
    write(shipped, "host", "description: h\ninclude: [base]\n")
    found = read_playbooks({"host": "roles.compute.playbook"}, (own, shipped))
    assert found["base"].files["etc/x"] == "own\n"


def test_a_mode_keeps_its_zero(tmp_path: Path) -> None:
    write(tmp_path, "host", GOOD + "    mode: 0600\n")
    found = read_playbooks({"host": ""}, (tmp_path,))
    assert found["host"].playbook.resources[0].model_dump()["mode"] == "0600"


def test_an_unknown_include_is_told_where_it_stands(tmp_path: Path) -> None:
    write(tmp_path, "base", GOOD)
    write(tmp_path, "host", "description: h\ninclude: [bse]\n")
    assert refused(tmp_path) == [
        "playbook.yaml:2 reference-unknown: there is no playbook `bse` | did you mean 'base'?",
    ]


def test_every_fault_of_every_playbook_is_told(tmp_path: Path) -> None:
    write(tmp_path, "base", "description: b\nresources:\n  - fil: /etc/x\n    reason: because\n")
    write(
        tmp_path,
        "host",
        "description: h\ninclude: [base]\nresources:\n"
        "  - service: x\n    reason: it runs\n    on_change: kill\n"
        "  - file: etc/x\n    reason: it is there\n",
    )
    found = refused(tmp_path, "host", "base")
    assert [line.split(":")[1].split(" ")[:2] for line in sorted(found)] == [
        ["3", "playbook-entry-kind"],
        ["6", "schema-not-a-choice"],
        ["7", "schema-bad-form"],
    ]
