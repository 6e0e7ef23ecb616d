"""Sites for the twin's tests: copies of the example, grown, broken, under a name of their own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

THIRD_RACK = """\
  - names: a03
    hall: main
    row: a
    first_position: 3
    model: generic/rack-42u-600
    kind: compute
    stage: first
    pdus: {model: generic/pdu-415v-60a, feeds: [A, B]}
    devices:
      - {role: compute, u: [1, 7, 13, 19]}
      - {role: fabric-switch, u: [40]}

fabrics:
"""

SPLIT = "{lanes: 2, speed: 200G}"
CLOS_EDITS = (
    (
        "  oob-switch:\n    kind",
        "  spine:\n    kind: switch\n    model: nvidia/sn4700\n"
        '    name: "spine-{n:02d}"\n    playbook: switch-frr\n  oob-switch:\n    kind',
    ),
    (
        "{role: fabric-switch, u: [40], only: a01}",
        "{role: fabric-switch, u: {first: 26, step: 1, count: 8}, only: a01}\n"
        "      - {role: spine, u: [40, 41], only: a02}",
    ),
    (
        "    topology: single\n    protocol: roce\n    switch_role: fabric-switch\n"
        f"    switch_ports: data\n    breakout: {SPLIT}\n",
        "    topology: clos2\n    protocol: roce\n    clos:\n      hosts_per_unit: 8\n"
        "      pins: {leaf_uplinks: 8, spines_per_pod: 2}\n      tiers:\n"
        f"        leaf: {{role: fabric-switch, ports: data, down: {SPLIT}, up: {SPLIT}}}\n"
        f"        spine: {{role: spine, ports: data, down: {SPLIT}}}\n",
    ),
    (
        "      - {role: fabric-switch, ports: [mgmt]}\n",
        "      - {role: fabric-switch, ports: [mgmt]}\n      - {role: spine, ports: [mgmt]}\n",
    ),
    (
        "        - {role: fabric-switch, port: mgmt, first: 10.20.0.50}\n",
        "        - {role: fabric-switch, port: mgmt, first: 10.20.0.50}\n"
        "        - {role: spine, port: mgmt, first: 10.20.0.70}\n",
    ),
)

STANDBY_EDITS = (
    ("{role: slurm-controller, u: [38], only: a01}", "{role: slurm-controller, u: [38]}"),
    (
        "  controller_role: slurm-controller\n",
        "  controller_role: slurm-controller\n  shared_state: true\n",
    ),
)


# Nothing waits so long on a quiet machine; emulated machines on a crowded one do.
PATIENCE_SECONDS = 1200


@dataclass(frozen=True)
class Desk:
    """Where an operator works in a test: a folder of sites, twins and journals of its own."""

    folder: Path
    checkout: Path

    def site(self, name: str) -> Path:
        """Copy the example stanford-nlp, lock included."""
        site = self.folder / name
        shutil.copytree(self.checkout / "examples" / "stanford-nlp", site)
        return site

    def grown(self, name: str) -> Path:
        """The example with a third rack of 4 hosts and a switch of their own."""
        site = self.site(name)
        text = (site / "cluster.yaml").read_text("utf-8")
        text = text.replace("fabrics:\n", THIRD_RACK, 1)
        # Two switches without a link between them are two networks, and say so.
        text = text.replace("    mtu: 9000\n", "    mtu: 9000\n    components: 2\n", 1)
        text = text.replace("max_watts: 60000", "max_watts: 90000")
        (site / "cluster.yaml").write_text(text, "utf-8")
        return site

    def clos(self, name: str) -> Path:
        """The example with its hosts under eight leaves, one per rail, and two spines."""
        site = self.site(name)
        (site / "cluster.lock").unlink()
        text = (site / "cluster.yaml").read_text("utf-8")
        for old, new in CLOS_EDITS:
            assert old in text, old
            text = text.replace(old, new, 1)
        (site / "cluster.yaml").write_text(text, "utf-8")
        return site

    def with_standby(self, name: str) -> Path:
        """The Clos with a second Slurm controller, whose state lies on a shared file system."""
        site = self.clos(name)
        text = (site / "cluster.yaml").read_text("utf-8")
        for old, new in STANDBY_EDITS:
            assert old in text, old
            text = text.replace(old, new, 1)
        (site / "cluster.yaml").write_text(text, "utf-8")
        return site

    def fourteen(self, name: str) -> Path:
        """Copy the fixture of fourteen machines: two vendors, leaves, spines, a controller."""
        site = self.folder / name
        shutil.copytree(self.checkout / "tests" / "fixtures" / "fourteen-machines", site)
        return site

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands: nothing of the machine's own twins and journals."""
        return {
            **{key: value for key, value in os.environ.items() if key != "COLOSSUS_JOURNAL"},
            "COLOSSUS_TWINS": str(self.folder / "twins"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "NO_COLOR": "1",
        }

    def start(self, *words: object, **more: str) -> subprocess.Popen[str]:
        """Start a command and give its process."""
        return subprocess.Popen(
            [sys.executable, "-m", "colossus.cli", *map(str, words)],
            cwd=self.folder,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*words, **more)
        stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        argv = list(map(str, words))
        return subprocess.CompletedProcess(argv, process.returncode, stdout, stderr)

    def report(self, *words: object, status: int = 0) -> dict[str, Any]:
        """Run a command that prints JSON; the exit status must be as expected."""
        done = self.run(*words, "--format", "json")
        assert done.returncode == status, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def twins(self) -> list[str]:
        """Names of the twins that left a trace."""
        folder = self.folder / "twins"
        return sorted(path.name for path in folder.glob("*")) if folder.exists() else []
