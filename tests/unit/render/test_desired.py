"""The desired state as a whole: the same bytes, growth, overlays, secrets, refusals, folders."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from colossus.errors import UsageError
from colossus.inventory.playbook import PlaybookFolder
from colossus.plan.resource import Desired, digest_of
from colossus.render.desired import render, render_with_report
from colossus.render.folder import MARK, write_folder
from colossus.render.refused import RenderRefused
from tests.unit.sites import desired_of, fabric_of, playbooks, text_of, third_rack


def manifests(desired: Desired) -> dict[str, str]:
    return {name: target.manifest for name, target in desired.targets.items()}


def test_the_same_site_gives_the_same_bytes() -> None:
    def reordered(site: dict[str, Any]) -> None:
        for key in ("roles", "fabrics"):
            site[key] = dict(reversed(site[key].items()))

    one, other = desired_of(), desired_of(reordered)
    assert list(one.targets.items()) == list(other.targets.items())
    assert list(one.blobs.items()) == list(other.blobs.items())


def test_contents_are_named_by_their_digest_and_all_used() -> None:
    desired = desired_of()
    used = {
        str(r.body["content"])
        for t in desired.targets.values()
        for r in t.resources
        if "content" in r.body
    }
    assert used == set(desired.blobs)
    assert all(digest_of(text) == digest for digest, text in desired.blobs.items())


def test_growth_touches_no_other_host() -> None:
    before, after = manifests(desired_of()), manifests(desired_of(third_rack))
    changed = {name for name in before if after[name] != before[name]}
    assert set(after) - set(before) == {f"gpu-{n:04d}" for n in range(9, 13)} | {"leaf-02"}
    assert changed == {"ctl-01", "oob-01"}


def test_only_present_devices_with_a_playbook_are_targets() -> None:
    desired = desired_of()
    assert {target.role for target in desired.targets.values()} == {
        "compute",
        "slurm-controller",
        "fabric-switch",
        "oob-switch",
    }
    assert {name: t.wave for name, t in desired.targets.items() if name[-2:] == "01"} == {
        "ctl-01": "controllers",
        "gpu-0001": "hosts",
        "leaf-01": "network",
        "oob-01": "management-network",
    }


def test_the_twin_overlay_changes_what_it_reports_and_nothing_else() -> None:
    plain = render_with_report(fabric_of(), playbooks())
    twin = render_with_report(fabric_of(), playbooks(), overlay="twin")
    assert plain.substituted == ()
    assert {each.key for each in twin.substituted if "slurm" in each.file} == {
        "ProctrackType",
        "TaskPlugin",
        "JobAcctGatherType",
        "SlurmdParameters",
        "ReturnToService",
        "IgnoreSystemd",
        "SlurmctldTimeout",
    }
    for name, target in plain.desired.targets.items():
        other = {each.id: each for each in twin.desired.targets[name].resources}
        differing = {r.body["path"] for r in target.resources if r.digest != other[r.id].digest}
        assert differing <= {each.file for each in twin.substituted}
    keys = {each.key for each in twin.substituted}
    for text, other_text in (
        [text_of(made.desired, "ctl-01", "/etc/slurm/slurm.conf") for made in (plain, twin)],
    ):
        changed = set(text.splitlines()) ^ set(other_text.splitlines())
        assert {line.partition("=")[0] for line in changed} <= keys


def test_a_secret_is_a_reference() -> None:
    desired = desired_of()
    key = next(r for r in desired.targets["gpu-0001"].resources if "munge.key" in r.id)
    slurm = fabric_of().site.slurm
    assert slurm is not None
    assert key.body["secret"] == slurm.munge_key
    assert (key.body["mode"], key.body["owner"]) == ("0400", "munge")
    assert "content" not in key.body


def test_manage_reaches_the_targets() -> None:
    def edit(site: dict[str, Any]) -> None:
        site["roles"]["compute"]["manage"] = "observe"

    desired = desired_of(edit)
    assert desired.targets["gpu-0001"].manage == "observe"
    assert desired.targets["ctl-01"].manage == "apply"


def test_a_target_without_management_address_is_refused() -> None:
    def edit(site: dict[str, Any]) -> None:
        ranges = site["fabrics"]["oob"]["addresses"]["ranges"]
        site["fabrics"]["oob"]["addresses"]["ranges"] = [
            each for each in ranges if each["role"] != "fabric-switch"
        ]

    with pytest.raises(RenderRefused) as caught:
        desired_of(edit)
    assert str(caught.value) == (
        "racks[0].devices[2]: leaf-01 has no management address, so it cannot be reached"
    )


def without(folder: PlaybookFolder, path: str) -> PlaybookFolder:
    return replace(folder, files={name: t for name, t in folder.files.items() if name != path})


def test_a_file_without_content_is_refused_with_its_line() -> None:
    books = playbooks()
    broken = {**books, "base": without(books["base"], "etc/hosts.j2")}
    with pytest.raises(RenderRefused) as caught:
        render(fabric_of(), broken)
    (finding,) = caught.value.findings
    assert finding.summary == (
        "/etc/hosts has no content: there is no files/etc/hosts beside this playbook"
    )
    assert finding.where.file.endswith("playbooks/base/playbook.yaml")
    assert finding.where.line > 1


def test_a_slurm_playbook_without_slurm_names_the_template() -> None:
    def edit(site: dict[str, Any]) -> None:
        site["slurm"] = None

    with pytest.raises(RenderRefused, match=r"playbook\.yaml:\d+: no such value: 'slurm'"):
        desired_of(edit)


def test_a_folder_is_written_whole_and_replaced(tmp_path: Path) -> None:
    out, desired = tmp_path / "out", desired_of()
    count = write_folder(desired, out)
    assert count == sum(1 for path in out.rglob("*") if path.is_file()) - 1
    assert (out / "gpu-0001/etc/hostname").read_text() == "gpu-0001\n"
    assert (out / "ctl-01/etc/munge/munge.key").read_text() == (
        "(secret file:secrets/munge.key: read when it is applied, never kept)\n"
    )
    fewer = replace(desired, targets={"gpu-0001": desired.targets["gpu-0001"]})
    write_folder(fewer, out)
    assert {path.name for path in out.iterdir()} == {"gpu-0001", MARK}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_foreign_folder_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(UsageError, match="did not write"):
        write_folder(desired_of(), tmp_path)
    assert (tmp_path / "mine").read_text() == "precious"


def test_a_path_that_leads_out_is_refused(tmp_path: Path) -> None:
    desired = desired_of()
    target = desired.targets["gpu-0001"]
    resource = next(each for each in target.resources if each.id == "file:/etc/hostname")
    outside = replace(resource, body={**resource.body, "path": "/../../../../x"})
    bad = replace(desired, targets={"gpu-0001": replace(target, resources=(outside,))})
    with pytest.raises(UsageError, match="leads out"):
        write_folder(bad, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
