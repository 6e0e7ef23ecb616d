"""catalog list, show and import as an operator runs them."""

import json
from pathlib import Path

import pytest

from colossus.cli.main import run

Output = pytest.CaptureFixture[str]
RECORD = """\
manufacturer: Mellanox
model: SN2201
u_height: 1
weight: 7.41
is_full_depth: false
interfaces:
  - {name: eth0, type: 1000base-t, mgmt_only: true}
"""
PORTS = "".join(f"  - {{name: swp{port}, type: 1000base-t}}\n" for port in range(1, 49))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "record.yaml").write_text(RECORD + PORTS, encoding="utf-8")


def test_a_record_becomes_a_model_that_the_catalogue_lists(capsys: Output) -> None:
    assert run(["catalog", "import", "record.yaml", "--out", "site/catalog"]) == 0
    told = capsys.readouterr()
    assert told.out == "site/catalog/nvidia/sn2201.yaml\n"
    assert "warning[import-incomplete] record.yaml:1: the record does not say" in told.err
    assert run(["catalog", "show", "nvidia/sn2201", "--site", "site"]) == 0
    assert "imported from a NetBox device type" in capsys.readouterr().out


def test_a_file_is_replaced_only_when_asked(capsys: Output) -> None:
    assert run(["catalog", "import", "record.yaml", "--out", "c"]) == 0
    assert run(["catalog", "import", "record.yaml", "--out", "c"]) == 64
    assert "c/nvidia/sn2201.yaml exists\n  --overwrite replaces it" in capsys.readouterr().err
    assert run(["catalog", "import", "record.yaml", "--out", "c", "--overwrite"]) == 0


def test_without_out_the_model_is_printed(capsys: Output) -> None:
    assert run(["catalog", "import", "record.yaml"]) == 0
    assert "\nkind: switch\nvendor: nvidia\nmodel: sn2201\n" in capsys.readouterr().out


def test_import_as_json(capsys: Output) -> None:
    assert run(["catalog", "import", "record.yaml", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert document["model"] == "nvidia/sn2201"
    assert document["counts"] == {"error": 0, "warning": 1, "note": 0}
    assert document["findings"][0]["code"] == "import-incomplete"


def test_what_cannot_be_converted_ends_with_10(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "record.yaml").write_text(RECORD, encoding="utf-8")
    assert run(["catalog", "import", "record.yaml", "--out", "c"]) == 10
    told = capsys.readouterr()
    assert told.out == ""
    assert "error[import-impossible] record.yaml:1: the record of 'SN2201' has no port" in told.err
    assert not (tmp_path / "c").exists()
    assert run(["catalog", "import", "nowhere.yaml"]) == 10
    assert "error[file-unreadable] nowhere.yaml" in capsys.readouterr().err


def test_the_kind_can_be_said(capsys: Output) -> None:
    assert run(["catalog", "import", "record.yaml", "--kind", "server"]) == 10
    assert "import-port-foreign" in capsys.readouterr().err


def test_list_of_one_kind(capsys: Output) -> None:
    assert run(["catalog", "list", "--kind", "cdu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "model",
        "generic/cdu-100kw",
        "supermicro/lcs-scdu-250l4001",
    ]
    assert run(["catalog", "list", "--kind", "switsh"]) == 64
    assert "did you mean 'switch'?" in capsys.readouterr().err
