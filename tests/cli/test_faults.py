"""The faults that operators make, on a real example: one root finding each, with place and cure."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from colossus.cli.main import run

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "stanford-nlp"
HOSTS = "{role: compute, u: [1, 7, 13, 19]}"

# What is changed, into what: exit status, code of the one root.
FAULTS = {
    "the same U twice": (HOSTS, "{role: compute, u: [1, 7, 13, 13]}", 11, "u-overlap"),
    "hosts that overlap": (HOSTS, "{role: compute, u: [1, 7, 13, 16]}", 11, "u-overlap"),
    "more hosts than ports": (
        HOSTS,
        "{role: compute, u: [1, 7, 13, 19, 25]}",
        11,
        "fabric-ports-exhausted",
    ),
    "a misspelled role": (HOSTS, HOSTS.replace("compute", "compoot"), 10, "reference-unknown"),
    "a misspelled partition role": (
        "roles: [compute], default",
        "roles: [computer], default",
        10,
        "reference-unknown",
    ),
    "a duplicate key": ("domain: ", "domain: a.example\ndomain: ", 10, "yaml-duplicate-key"),
    "an unknown key": ("domain: ", "doomain: ", 10, "schema-unknown-key"),
    "a colliding address range": (
        "port: bmc, first: 10.20.2.1}",
        "port: bmc, first: 10.20.1.4}",
        11,
        "address-clash",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_has_one_root_with_place_and_cure(
    fault: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old, new, status, code = FAULTS[fault]
    copytree(EXAMPLE, tmp_path / "site")
    file = tmp_path / "site" / "cluster.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert run(["check", "site", "--format", "json"]) == status
    errors = [
        each
        for each in json.loads(capsys.readouterr().out)["findings"]
        if each["severity"] == "error"
    ]
    roots = [each for each in errors if "caused_by" not in each]
    assert [each["code"] for each in roots] == [code]
    assert roots[0]["file"] == "site/cluster.yaml"
    assert roots[0]["line"] > 0
    assert roots[0]["hint"]
    place = f"{code} at site/cluster.yaml:{roots[0]['line']}"
    assert {each["caused_by"] for each in errors if "caused_by" in each} <= {place}
