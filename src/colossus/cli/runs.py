"""List, show and resume runs from the journal."""

from pathlib import Path
from typing import Annotated

import typer

from colossus.apply.engine import Means, resume
from colossus.apply.journal import Run
from colossus.cli.applying import finish
from colossus.cli.journals import JournalFile, find_run, journal_at, known_journals
from colossus.cli.views import runs as view
from colossus.cli.views.messages import say
from colossus.cli.views.outcome import Format, Progress

app = typer.Typer(help=(__doc__ or "").partition("\n")[0], no_args_is_help=True)
Output = Annotated[Format, typer.Option("--format", help="How to print.")]
Name = Annotated[str, typer.Argument(metavar="[RUN]", help="The latest, unless named.")]


@app.command("list")
def list_(output: Output = Format.TEXT, journal: JournalFile = None) -> None:
    """List all runs, latest first."""
    rows = []
    for path in known_journals(journal):
        with journal_at(path) as opened:
            for run in opened.runs():
                alive = bool(opened.holder(run.cluster))
                rows.append(view.row_of(run, opened.hosts(run), alive=alive))
    view.show_runs(sorted(rows, key=lambda r: (r["started"], r["run"]), reverse=True), output)


@app.command()
def show(name: Name = "", output: Output = Format.TEXT, journal: JournalFile = None) -> None:
    """Show one run: where each host stands, and what was changed."""
    path, run = find_run(name, journal)
    with journal_at(path) as opened:
        hosts = opened.hosts(run)
        facts = view.row_of(run, hosts, alive=bool(opened.holder(run.cluster)))
        view.show_run({**facts, "journal": str(path)}, hosts, opened.events(run), output)


@app.command("resume")
def resume_(name: Name = "", output: Output = Format.TEXT, journal: JournalFile = None) -> int:
    """Do what a run left undone, also after a kill; hosts that are done are not contacted.

    Exit 14: some hosts are still not as planned. Exit 16: a later run went to the same hosts.
    """
    path, run = find_run(name, journal)
    with journal_at(path) as opened:
        left = [each for each in opened.hosts(run) if each.status != "done"]
        say(f"resuming {run.id} on {run.cluster}: {len(left)} hosts to do")
        outcome = resume(run, opened, _means(run, path, Progress(len(left))))
    return finish(outcome, output)


def _means(run: Run, path: Path, progress: Progress) -> Means:
    """Reach the hosts as the run did: over SSH, or inside the twin that its journal lies in."""
    if run.reach.get("connect") == "twin":
        from colossus.cli.applying import means_of_twin

        return means_of_twin(str(run.reach["twin"]), progress)
    from colossus.apply.over_ssh import Listening, reach_again, ssh_means
    from colossus.plan.document import from_text

    with journal_at(path) as opened:
        plan = from_text(opened.plan(run))
    return ssh_means(plan.targets.values(), reach_again(run), Listening(progress.watch, say))
