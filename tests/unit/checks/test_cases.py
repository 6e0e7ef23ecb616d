"""Every check on a site that breaks exactly one thing: `cases/*.yaml`, one case a file.

The findings are compared whole: severity, code, place, summary, hint, cause.
"""

from pathlib import Path

import pytest
import yaml

from colossus.checks.registry import CHECKS, CONSEQUENCES
from colossus.cli.check import all_findings
from colossus.load.site import load_site
from tests.unit.checks.broken import found, shown
from tests.unit.checks.codes import FOLDER as DOCS
from tests.unit.checks.codes import codes

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("example", ["stanford-nlp", "grok1-node"])
def test_a_sound_site_gives_nothing(checkout: Path, example: str) -> None:
    assert shown(list(all_findings(load_site(checkout / "examples" / example), ""))) == ""


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    findings = found(case, tmp_path)
    assert [finding.code for finding in findings if not finding.where.line] == []
    assert shown(findings) + "\n" == case["findings"]
    roots = [finding.code for finding in findings if not finding.caused_by]
    assert len(roots) - len(case.get("standing", [])) == case.get("roots", 1)
    assert set(case.get("standing", [])) <= set(roots)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_is_named_after_its_root(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    listed = {line.split()[1] for line in case["findings"].splitlines() if " at " in line[:60]}
    assert any(path.stem.startswith(code) for code in listed)


def test_every_code_is_broken_by_a_case() -> None:
    told = "\n".join(path.read_text(encoding="utf-8") for path in CASES)
    assert [code for code in sorted(codes()) if f" {code} at " not in told] == []


@pytest.mark.parametrize("code", sorted(codes()))
def test_a_page_says_what_why_and_cure(code: str) -> None:
    text = (DOCS / f"{code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {code}\n")
    for part in ("What it says", "Why it matters", "What to do"):
        assert f"\n**{part}.** " in text


def test_consequences_name_codes_that_exist() -> None:
    named = set(CONSEQUENCES) | {root for roots in CONSEQUENCES.values() for root in roots}
    assert named - codes() == set()


def test_consequences_lead_to_a_root() -> None:
    """No two findings explain each other away."""
    for start in CONSEQUENCES:
        seen, following = set[str](), [start]
        while following:
            step = following.pop()
            for root in CONSEQUENCES.get(step, ()):
                assert root != start
                if root not in seen:
                    seen.add(root)
                    following.append(root)


def test_every_check_says_what_it_finds() -> None:
    assert all((check.__doc__ or "").strip().endswith(".") for check in CHECKS)
    assert len(set(CHECKS)) == len(CHECKS)


@pytest.mark.parametrize("code", sorted(codes()))
def test_the_example_on_a_page_is_what_a_case_gives(code: str) -> None:
    example = (DOCS / f"{code}.md").read_text(encoding="utf-8").split("```text\n")[1]
    finding = example.split("\n```")[0]
    told = (yaml.safe_load(path.read_text(encoding="utf-8"))["findings"] for path in CASES)
    assert any(finding in text for text in told)
