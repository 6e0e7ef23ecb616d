"""The ready pipelines: their commands are the real ones, and they post one comment in place."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from colossus.cli.main import application
from colossus.cli.views.comment import LIMIT, marker
from tests import pipelines
from tests.cli.comment_hosts import CHANGE, OURS, TOKEN, Host

KINDS = {"github": "github-actions.yml", "gitlab": "gitlab-ci.yml"}
EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")
MARK = marker("nlp")


class Pipeline:
    """The job `publish` of one pipeline, in a folder of its own, and the host it speaks to."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host, self.folder = host, folder
        (folder / "out").mkdir()
        self.job = pipelines.jobs(KINDS[host.kind])["publish"]

    def publish(self, comment: str, token: str = TOKEN) -> int:
        """Run its script as the host would; gives the exit status."""
        (self.folder / "out" / "comment.md").write_text(comment, "utf-8")
        environment = {"PATH": "/usr/bin:/bin", **self._variables(token)}
        (script,) = (each for each in pipelines.scripts(self.job) if "comment.md" in each)
        return pipelines.run(script, self.folder, environment).returncode

    def _variables(self, token: str) -> dict[str, str]:
        """Give the job's variables, each expression replaced; one that is unknown is a KeyError."""
        url = self.host.url
        if self.host.kind == "github":
            told = {
                "github.token": token,
                "github.api_url": url,
                "github.repository": "o/r",
                "github.event.pull_request.number": str(CHANGE),
            }
            return {
                name: EXPRESSION.sub(lambda found: told[found[1]], value)
                for name, value in self.job["env"].items()
            }
        told = {
            "CI_API_V4_URL": url,
            "CI_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": str(CHANGE),
        }
        notes = re.sub(r"\$(\w+)", lambda found: told[found[1]], self.job["variables"]["NOTES"])
        return {"CI_API_V4_URL": url, "COLOSSUS_COMMENT_TOKEN": token, "NOTES": notes}


@pytest.fixture(params=KINDS)
def pipeline(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pipeline]:
    with Host(request.param) as host:
        yield Pipeline(host, tmp_path)


def test_the_comment_is_made_once_and_updated_in_place(pipeline: Pipeline) -> None:
    """Among two hundred others; one of them quotes the mark, and is left as it is."""
    host = pipeline.host
    host.say("somebody", f"{MARK}\nmine")
    for number in range(130):
        host.say("somebody", f"remark {number}")
    assert pipeline.publish(f"{MARK}\nfirst\n") == 0
    for number in range(80):
        host.say("somebody", f"answer {number}")
    assert pipeline.publish(f"{MARK}\nsecond\n") == 0
    assert pipeline.publish(f"{MARK}\nthird\n") == 0
    (ours,) = host.of(OURS)
    assert ours.rstrip() == f"{MARK}\nthird"
    assert len(host.of("somebody")) == 211
    assert f"{MARK}\nmine" in host.of("somebody")
    changing = [each.split()[0] for each in host.seen if not each.startswith("GET")]
    assert changing in (["POST", "PATCH", "PATCH"], ["POST", "PUT", "PUT"])


def test_every_character_arrives(pipeline: Pipeline) -> None:
    text = f"{MARK}\n`$HOME` \"a\" 'b' & <c> 100 % + é \\n\n```diff\n- x\n```\n"
    assert pipeline.publish(text) == 0
    assert [each.rstrip() for each in pipeline.host.of(OURS)] == [text.rstrip()]


def test_the_longest_comment_is_taken(pipeline: Pipeline) -> None:
    """`colossus comment` writes less than LIMIT characters, whatever the plan."""
    assert pipeline.publish(f"{MARK}\n" + "x" * (LIMIT - len(MARK) - 2)) == 0
    assert len(pipeline.host.of(OURS)) == 1


def test_another_site_of_the_same_change_has_a_comment_of_its_own(pipeline: Pipeline) -> None:
    assert pipeline.publish(f"{MARK}\none\n") == 0
    assert pipeline.publish(f"{marker('other')}\nother\n") == 0
    assert len(pipeline.host.of(OURS)) == 2


def test_a_host_that_refuses_fails_the_job(pipeline: Pipeline) -> None:
    assert pipeline.publish(f"{MARK}\nx\n", token="wrong") != 0  # noqa: S106 — opens nothing
    assert pipeline.host.comments == []


@pytest.mark.parametrize("name", pipelines.FILES)
def test_what_may_write_runs_nothing_of_the_change(name: str) -> None:
    """No checkout, no program of the change; and what runs it has no right and no token."""
    text = {job: str(content) for job, content in pipelines.jobs(name).items()}
    assert "colossus.git" not in text["publish"]
    assert pipelines.COMMAND not in text["publish"]
    assert "actions/checkout" not in text["publish"]
    for job in ("rehearse", "policy"):
        assert pipelines.COMMAND in text[job]
        assert "write" not in text[job]
        assert "TOKEN" not in text[job].upper()
    if name == KINDS["gitlab"]:
        assert "'GIT_STRATEGY': 'none'" in text["publish"]


def uploaded(name: str) -> list[str]:
    """Give what a pipeline keeps as artefacts of the job that rehearses, also when it fails."""
    job = pipelines.jobs(name)["rehearse"]
    if "artifacts" in job:
        return list(job["artifacts"]["paths"]) if job["artifacts"]["when"] == "always" else []
    steps = [each for each in job["steps"] if "upload-artifact" in each.get("uses", "")]
    return [each["with"]["path"] for each in steps if each["if"] == "always()"]


@pytest.mark.parametrize("name", pipelines.FILES)
def test_the_full_plan_and_the_report_are_artefacts(name: str) -> None:
    assert uploaded(name) == ["out"]
    lines = "\n".join(pipelines.commands(name))
    for file in ("plan.json", "report.json", "check.sarif", "check.xml", "rehearsal.xml"):
        assert f"out/{file}" in lines


def test_both_run_the_policy_pack_in_the_same_way() -> None:
    github, gitlab = (pipelines.commands(name, "policy") for name in pipelines.FILES)
    assert github == gitlab
    assert any("--via pulumi" in line and '--policy "$POLICY"' in line for line in github)


@pytest.mark.parametrize("name", pipelines.FILES)
@pytest.mark.parametrize("job", ["rehearse", "policy"])
def test_every_command_is_understood(
    name: str, job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parsed by the real command line: its options exist and take these values."""
    (tmp_path / "sites" / "main").mkdir(parents=True)
    (tmp_path / "infra" / "policy").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    lines = pipelines.commands(name, job)
    assert lines
    for line in lines:
        parsed(line)


def parsed(line: str) -> None:
    """Parse one line of shell that runs `colossus`; a parser's fault is raised."""
    values = {"$SITE": "sites/main", "$BASE": "HEAD~1", "$POLICY": "infra/policy"}
    program, *words = shlex.split(line.partition(">")[0].partition("||")[0])
    assert program == pipelines.COMMAND
    words = [values.get(word, word) for word in words]
    command: Any = typer.main.get_command(application(words))
    name = "colossus"
    while hasattr(command, "commands"):
        name, *words = words
        command = command.commands[name]
    command.make_context(name, words)
