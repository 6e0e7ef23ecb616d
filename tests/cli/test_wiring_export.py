"""wiring export in the formats of other tools: files, stdout, what is left out."""

import json
from pathlib import Path

import pytest

from colossus.cli.main import run
from colossus.sheets.exports.registry import EXPORTS
from tests.unit.sites import ROOT, fabric_of

Output = pytest.CaptureFixture[str]
SUPERPOD = str(ROOT / "examples" / "superpod-h100-1su")
STANFORD = str(ROOT / "examples" / "stanford-nlp")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_text_goes_to_stdout_and_says_what_is_left_out(capsys: Output) -> None:
    assert run(["wiring", "export", SUPERPOD, "--format", "ibdiagnet-topo"]) == 0
    output = capsys.readouterr()
    fabric = fabric_of(example="superpod-h100-1su")
    links = EXPORTS["ibdiagnet-topo"].links(fabric, {"": output.out.encode()})
    left = len(fabric.links.a) - len(links)
    assert left > 0
    assert output.err == (
        f"wrote {len(links)} links; {left} links of other protocols are not in it\n"
    )


def test_a_workbook_goes_to_its_file(tmp_path: Path) -> None:
    assert run(["wiring", "export", STANFORD, "--format", "cvt-unified", "--out", "p2p.xlsx"]) == 0
    content = (tmp_path / "p2p.xlsx").read_bytes()
    assert len(EXPORTS["cvt-unified"].links(fabric_of(), {"": content})) == 87


def test_sonic_is_a_file_per_switch(tmp_path: Path) -> None:
    assert run(["wiring", "export", STANFORD, "--format", "sonic", "--out", "neighbours"]) == 0
    found = json.loads((tmp_path / "neighbours" / "leaf-01.json").read_text(encoding="utf-8"))
    assert found["DEVICE_NEIGHBOR"]["swp1s0"] == {"name": "gpu-0001", "port": "enp84s0"}


def test_topograph_is_the_tree_of_slurm(capsys: Output) -> None:
    assert run(["wiring", "export", STANFORD, "--format", "topograph"]) == 0
    assert capsys.readouterr().out.startswith("switches:\n- name: leaf-01\n")


@pytest.mark.parametrize("kind", ["cvt-ethernet", "sonic"])
def test_stdout_takes_no_workbook_and_no_folder(tmp_path: Path, kind: str) -> None:
    assert run(["wiring", "export", STANFORD, "--format", kind]) == 64
    assert list(tmp_path.iterdir()) == []
