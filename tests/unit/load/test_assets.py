"""assets.csv: which machine stands where, with the line of every fault."""

from pathlib import Path

import pytest

from colossus.cli.check import all_findings
from colossus.load.site import load_site


def site(checkout: Path, folder: Path, assets: str) -> Path:
    text = (checkout / "examples" / "grok1-node" / "cluster.yaml").read_text("utf-8")
    (folder / "cluster.yaml").write_text(text, "utf-8")
    (folder / "assets.csv").write_text(assets, "utf-8")
    return folder


def test_assets_are_read_in_any_order_of_columns(checkout: Path, tmp_path: Path) -> None:
    text = (
        "\ufeffu, rack, macs, serial, bmc_mac\n"
        "1,r1-01,eno1=52-54-00-30-00-02 enp41s0f0=525400300003,S 1,5254.0030.0001\n"
        "\n"
        "42,r1-01,,S2,\n"
    )
    loaded = load_site(site(checkout, tmp_path, text))
    first, second = loaded.assets
    assert (first.u, first.serial, first.bmc_mac) == (1, "S 1", "52:54:00:30:00:01")
    assert first.macs == {"eno1": "52:54:00:30:00:02", "enp41s0f0": "52:54:00:30:00:03"}
    assert (second.serial, second.macs, second.bmc_mac) == ("S2", {}, None)
    assert list(all_findings(loaded, "")) == []


@pytest.mark.parametrize(
    ("text", "line", "code", "word"),
    [
        ("rack,u,colour\nr1-01,1,red\n", 2, "schema-unknown-key", "colour"),
        ("rack,u\nr1-01,1\nr1-01,one\n", 3, "schema-wrong-type", "u"),
        ("rack,u\nr1-01,\n", 2, "schema-missing", "u"),
        ("rack,u,bmc_mac\nr1-01,1,01:00:5e:00:00:01\n", 2, "schema-bad-form", "bmc_mac"),
        ("rack,u\nr1-01,1,left over\n", 2, "schema-unknown-key", "no heading"),
    ],
)
def test_a_fault_names_its_line(
    checkout: Path, tmp_path: Path, text: str, line: int, code: str, word: str
) -> None:
    loaded = load_site(site(checkout, tmp_path, text))
    (finding,) = all_findings(loaded, "")
    assert (finding.code, finding.where.line) == (code, line)
    assert finding.where.file.endswith("assets.csv")
    assert word in finding.summary


def test_assets_are_part_of_what_a_plan_is_made_from(checkout: Path, tmp_path: Path) -> None:
    before = load_site(site(checkout, tmp_path, "rack,u,serial\nr1-01,1,S1\n")).digest
    assert load_site(site(checkout, tmp_path, "rack,u,serial\nr1-01,1,S2\n")).digest != before
