"""A plan on stdout, in one of its forms."""

import sys

from colossus.cli.views.plan_text import Diffs, as_text
from colossus.plan.document import to_text
from colossus.plan.model import Plan


def show_plan(plan: Plan, form: str, diffs: Diffs) -> None:
    """Print a plan as text, JSON (the very bytes that `--out` writes) or Markdown."""
    if form == "json":
        print(to_text(plan), end="")
    elif form == "github":
        from colossus.cli.views.plan_github import as_markdown

        print(as_markdown(plan, diffs))
    else:
        print(as_text(plan, diffs, colour_of=sys.stdout))
