"""`colossus check`: exit statuses, the JSON document, the CI formats, only what is new."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sarif_pydantic import Sarif

from colossus.cli.main import run
from colossus.cli.views.findings_ci import as_github
from colossus.diagnostics import Diagnostic, Diagnostics, Severity, Where
from tests.cli.sites import (
    DUPLICATE_KEY,
    MISSPELLED_ROLE,
    SAME_U_TWICE,
    SYNTAX,
    UNKNOWN_KEY,
    small_site,
)

Output = pytest.CaptureFixture[str]
LEAST_SURE = "least sure facts: power assumed, weight assumed, cooling assumed"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.mark.parametrize(
    ("change", "status", "code", "line"),
    [
        (MISSPELLED_ROLE, 10, "reference-unknown", 23),
        (DUPLICATE_KEY, 10, "yaml-duplicate-key", 11),
        (UNKNOWN_KEY, 10, "schema-unknown-key", 3),
        (SYNTAX, 10, "yaml-syntax", 3),
        (SAME_U_TWICE, 11, "u-overlap", 24),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_fault_is_one_root_finding_with_its_line(
    change: tuple[str, str], status: int, code: str, line: int, tmp_path: Path, capsys: Output
) -> None:
    small_site(tmp_path / "s", change)
    assert run(["check", "s", "--format", "json"]) == status
    document = json.loads(capsys.readouterr().out)
    (root,) = [each for each in document["findings"] if "caused_by" not in each]
    assert (root["code"], root["file"], root["line"]) == (code, "s/cluster.yaml", line)
    assert root["hint"]


def test_a_clean_site_is_0(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    assert run(["check", "s"]) == 0
    assert capsys.readouterr() == (f"no findings\n{LEAST_SURE}\n", "")


def test_the_json_document_is_that_of_the_contract(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s", MISSPELLED_ROLE)
    run(["check", "s", "--format", "json"])
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": 1,
        "findings": [
            {
                "severity": "error",
                "code": "reference-unknown",
                "file": "s/cluster.yaml",
                "line": 23,
                "path": "racks[0].devices[0].role",
                "summary": "unknown role 'gpuu'",
                "hint": "did you mean 'gpu'?",
            },
        ],
        "counts": {"error": 1, "warning": 0, "note": 0},
    }


def test_verdicts_say_what_they_rest_on(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    assert run(["check", "s", "--format", "json"]) == 0
    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    assert set(verdicts) == {"power", "weight", "cooling"}
    assert verdicts["weight"]["provenance"] == "assumed"
    assert "load_kg of acme/rack" in verdicts["weight"]["facts"]


def test_facts_less_sure_than_required_are_11(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    assert run(["check", "s", "--require-provenance", "inferred", "--format", "json"]) == 11
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {each["code"] for each in found} == {"provenance-weak"}
    assert all("assumed; inferred is required" in each["summary"] for each in found)


def test_faults_of_loading_and_of_checks_together_are_10(tmp_path: Path) -> None:
    small_site(tmp_path / "s", UNKNOWN_KEY, SAME_U_TWICE)
    assert run(["check", "s"]) == 10


def test_sarif_names_rule_file_and_line(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s", MISSPELLED_ROLE)
    assert run(["check", "s", "--format", "sarif"]) == 10
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (sarif_run,) = log["runs"]
    (result,) = sarif_run["results"]
    assert result["ruleId"] == "reference-unknown"
    assert sarif_run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "s/cluster.yaml"
    assert place["region"]["startLine"] == 23


def test_a_reader_of_sarif_takes_every_word_of_it(tmp_path: Path, capsys: Output) -> None:
    """Whatever the reader's model does not know would be missing when it writes the log again."""
    small_site(tmp_path / "s", SAME_U_TWICE)
    assert run(["check", "s", "--format", "sarif"]) == 11
    log = json.loads(capsys.readouterr().out)
    read = Sarif.model_validate(log)
    again = read.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert not _lost(log, again)
    assert read.runs[0].results


def _lost(before: object, after: object, at: str = "$") -> list[str]:
    """Name what is in a document and not, or otherwise, in another."""
    if isinstance(before, dict) and isinstance(after, dict):
        missing = [f"{at}.{key}" for key in before if key not in after]
        inner = [_lost(before[key], after[key], f"{at}.{key}") for key in before if key in after]
        return missing + [each for found in inner for each in found]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [each for n, pair in pairs for each in _lost(*pair, f"{at}[{n}]")]
    return [] if before == after else [at]


@pytest.mark.parametrize(("changes", "failures"), [((), 0), ((MISSPELLED_ROLE,), 1)])
def test_junit_counts_its_failures(
    changes: tuple[tuple[str, str], ...], failures: int, tmp_path: Path, capsys: Output
) -> None:
    small_site(tmp_path / "s", *changes)
    run(["check", "s", "--format", "junit"])
    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own output
    assert root.get("failures") == str(failures)
    assert len(root.findall(".//failure")) == failures
    assert len(root.findall(".//testcase")) == 1


def test_github_shows_at_most_ten_of_a_kind_and_counts_the_rest() -> None:
    found = Diagnostics(
        Diagnostic(Severity.ERROR, "a-code", Where("p", "f.yaml", line), f"number {line}")
        for line in range(1, 31)
    )
    lines = as_github(found).splitlines()
    assert len(lines) == 10
    assert lines[0] == "::error file=f.yaml,line=1,title=a-code::number 1"
    assert "21 more" in lines[-1]


def test_github_annotations_cannot_be_forged_by_a_name() -> None:
    evil = Where("p", "a,line=9::b.yaml", 1)
    found = Diagnostics([Diagnostic(Severity.ERROR, "a-code", evil, "one\n::error::two 100%")])
    assert as_github(found) == (
        "::error file=a%2Cline=9%3A%3Ab.yaml,line=1,title=a-code::one%0A::error::two 100%25"
    )


def test_a_name_cannot_steer_the_terminal_or_forge_a_log_line(
    tmp_path: Path, capsys: Output
) -> None:
    small_site(tmp_path / "s", ("domain:", '"a\\e[31m\\n::error::b": 1\ndomain:'))
    assert run(["check", "s"]) == 10
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\n::" not in told
    assert r"at a\x1b[31m\n::error::b" in told


def test_base_shows_only_what_is_new(tmp_path: Path, capsys: Output) -> None:
    old = small_site(tmp_path / "old", UNKNOWN_KEY)
    new = small_site(tmp_path / "new", UNKNOWN_KEY, ("u: [40]", "u: [99]"))
    assert run(["check", str(new), "--base", str(old), "--format", "json"]) == 10
    document = json.loads(capsys.readouterr().out)
    assert [each["code"] for each in document["findings"]] == ["schema-out-of-range"]
    assert run(["check", str(new), "--base", str(new)]) == 0


def test_a_finding_that_moved_is_not_new(tmp_path: Path) -> None:
    old = small_site(tmp_path / "old", DUPLICATE_KEY)
    new = small_site(tmp_path / "new", DUPLICATE_KEY, ("domain:", "# one\n# two\ndomain:"))
    assert run(["check", str(new), "--base", str(old)]) == 0


def test_a_stage_that_is_new_does_not_hinder_the_comparison(tmp_path: Path) -> None:
    old = small_site(tmp_path / "old")
    stages = "stages:\n  - {name: later, date: 2027-01-15}\ndomain:"
    new = small_site(tmp_path / "new", ("domain:", stages))
    assert run(["check", str(new), "--base", str(old), "--stage", "later"]) == 0


def test_base_is_a_git_revision_too(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s", SAME_U_TWICE)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert run(["check", "s"]) == 11
    assert run(["check", "s", "--base", "HEAD"]) == 0
    capsys.readouterr()
    assert run(["check", "s", "--base", "nosuch"]) == 10
    assert "there is no revision 'nosuch'" in capsys.readouterr().err


def test_a_stage_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: Output) -> None:
    small_site(tmp_path / "s")
    assert run(["check", "s", "--stage", "later"]) == 64
    assert capsys.readouterr().err == "error: the site has no stage 'later'\n  its stages: none\n"


def test_warnings_fail_only_when_strict(tmp_path: Path, capsys: Output) -> None:
    # The servers get a BMC that no fabric cables.
    folder = small_site(tmp_path / "s")
    model = folder / "catalog" / "acme" / "box.yaml"
    port = "  - {name: bmc, connector: RJ45, speed: 1G, interfaces: [bmc], management: true}\n"
    model.write_text(model.read_text(encoding="utf-8") + port, encoding="utf-8")
    assert run(["check", "s", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"error": 0, "warning": 1, "note": 0}
    assert run(["check", "s", "--strict"]) == 11
