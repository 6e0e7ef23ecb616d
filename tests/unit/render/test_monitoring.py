"""Whom Prometheus asks: every device that can be reached, with its place, once."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from colossus.fabric.design import design
from colossus.inventory.site import Site
from colossus.load.playbooks import load_playbooks
from colossus.load.site import load_site
from colossus.render.desired import render
from colossus.render.lookup import Lookup
from colossus.render.monitoring import target_groups_of
from tests.unit.sites import fabric_of

TARGETS = "/etc/prometheus/targets/colossus.json"


@pytest.fixture(scope="module")
def files(checkout: Path) -> dict[str, str]:
    """The files of a monitoring host in the Stanford example."""
    loaded = load_site(checkout / "examples" / "stanford-nlp")
    text = loaded.accepted().model_dump(mode="json", exclude_unset=True, by_alias=True)
    text["roles"]["monitoring"] = {
        "kind": "service",
        "model": "supermicro/sys-111c-nr",
        "name": "mon-{n:02d}",
        "playbook": "monitoring",
    }
    text["racks"][0]["devices"].append({"role": "monitoring", "u": [36], "only": "a01"})
    oob = text["fabrics"]["oob"]
    oob["ends"].append({"role": "monitoring", "ports": ["mgmt"]})
    own = {"role": "monitoring", "port": "mgmt", "first": "10.20.0.130"}
    oob["addresses"]["ranges"].append(own)
    site = Site.model_validate(text)
    desired = render(design(site, loaded.catalog).fabric, load_playbooks(site, loaded.folder))
    return {
        str(r.body["path"]): desired.blobs[str(r.body["content"])]
        for r in desired.targets["mon-01"].resources
        if r.kind == "file"
    }


def test_every_reachable_device_is_a_target_once(files: dict[str, str]) -> None:
    groups = json.loads(files[TARGETS])
    addresses = [address for group in groups for address in group["targets"]]
    assert len(addresses) == len(set(addresses)) == 12
    hosts = next(g for g in groups if g["labels"]["role"] == "compute")
    assert hosts == {
        "targets": ["10.20.1.1", "10.20.1.2", "10.20.1.3", "10.20.1.4"],
        "labels": {
            "role": "compute",
            "kind": "compute",
            "hall": "main",
            "row": "a",
            "rack": "a01",
        },
    }


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' own reader of configuration, out of Debian's package."""
    script = Path(__file__).resolve().parents[3] / "infra" / "consumers" / "promtool"
    taken = subprocess.run([script], capture_output=True, text=True, check=False)
    if taken.returncode:
        pytest.skip(f"needs Debian's package mirror: {taken.stderr[-200:]}")
    return taken.stdout.strip()


def test_promtool_reads_it(files: dict[str, str], promtool: str, tmp_path: Path) -> None:
    jobs = files["/etc/prometheus/colossus.yml"]
    (tmp_path / "prometheus.yml").write_text(jobs.replace(TARGETS, "colossus.json"))
    (tmp_path / "colossus.json").write_text(files[TARGETS])
    argv = [promtool, "check", "config", "prometheus.yml"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_the_sites_own_levels_are_labels() -> None:
    def in_pods(site: dict[str, Any]) -> None:
        site["levels"] = [{"name": "power-pod", "label": "p{n}"}]
        site["racks"][0]["within"] = {"level": "power-pod", "racks": 1}

    groups = target_groups_of(Lookup(fabric_of(in_pods)))
    assert {(group.rack, group.levels) for group in groups} == {
        ("a01", (("level_power_pod", "main-p1"),)),
        ("a02", (("level_power_pod", "main-p2"),)),
    }
