"""The dry run of the ready pipelines, as CI runs it: JUnit for the host, JSON for the comment."""

import json
import shutil
from xml.etree import ElementTree as ET

import pytest

from tests import pipelines
from tests.twin.sites import Desk

pytestmark = pytest.mark.twin


def test_a_change_is_rehearsed_and_commented_on(desk: Desk) -> None:
    """The whole of GitHub's file; GitLab's dry run is the same command."""
    folder = desk.folder / "repository"
    folder.mkdir()
    environment = {**pipelines.change(folder), **desk.environment}
    lines = pipelines.commands("github-actions.yml")
    for line in lines:
        done = pipelines.run(line, folder, environment)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    (dry,) = [line for line in lines if " provision " in line]
    assert dry in pipelines.commands("gitlab-ci.yml")
    report = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    assert report["ok"] is True
    suite = ET.parse(folder / "out" / "rehearsal.xml").getroot()  # noqa: S314 — our own
    assert int(suite.get("tests", 0)) == len(report["phases"])
    assert suite.get("failures") == "0"
    assert "Rehearsal of stanford-nlp: passed" in (folder / "out" / "comment.md").read_text("utf-8")


@pytest.mark.pulumi
def test_the_policy_pack_refuses_the_change(desk: Desk) -> None:
    """The job `policy`: the real engine, before any node of its twin is asked."""
    folder = desk.folder / "repository"
    folder.mkdir()
    environment = {**pipelines.change(folder), **desk.environment, "POLICY": "infra/policy"}
    shutil.copytree(desk.checkout / "infra" / "policy", folder / "infra" / "policy")
    up, provision = pipelines.commands("github-actions.yml", "policy")
    assert pipelines.run(up, folder, environment).returncode == 0
    # What it allows is applied in test_pulumi.py.
    done = pipelines.run(provision, folder, {**environment, "COLOSSUS_CAPACITY_FLOOR": "9"})
    assert done.returncode == 16, done.stderr
    assert "8 hosts are fewer than the floor of 9" in done.stderr
