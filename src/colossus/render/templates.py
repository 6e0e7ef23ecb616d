"""Templates of playbooks: sandboxed, strict about what is missing, every printed value quoted.

Templates get ready values. What is wrong with one becomes a finding with its file and line.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from colossus.diagnostics import Diagnostic
from colossus.render.quoting import QUOTES, Unquotable
from colossus.render.refused import RenderRefused, fault

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Text:
    """One template: its text, and where it stands. line is that of its first line."""

    text: str
    file: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template ready to be rendered; names are the values it asks for."""

    source: Text
    template: jinja2.Template
    names: frozenset[str]

    def render(self, values: Values) -> str:
        """Give the text with these values in it; raises RenderRefused."""
        try:
            return self.template.render(values)
        except (jinja2.TemplateError, Unquotable, TypeError) as problem:
            line = _line_of(problem, self.source)
            raise RenderRefused([_explained(problem, self.source.file, line)]) from problem


def compiled(source: Text, *, quoted: bool = True) -> Compiled:
    """Compile a template; raises RenderRefused for bad syntax or, if `quoted`, unquoted values."""
    environment = _environment()
    try:
        tree = environment.parse(source.text, source.file, source.file)
    except jinja2.TemplateSyntaxError as problem:
        line = source.line + problem.lineno - 1
        raise RenderRefused([_explained(problem, source.file, line)]) from problem
    findings = list(_unquoted(tree, source)) if quoted else []
    if findings:
        raise RenderRefused(findings)
    code = environment.compile(tree, source.file, source.file)
    template = jinja2.Template.from_code(environment, code, environment.make_globals(None))
    return Compiled(source, template, frozenset(meta.find_undeclared_variables(tree)))


@cache
def _environment() -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the files are not HTML; the quoting filters do the work
    )
    environment.filters.update(QUOTES)
    # Ready values only: nothing random, no counters, no loops over invented ranges.
    environment.globals.clear()
    return environment


def _unquoted(tree: nodes.Template, source: Text) -> list[Diagnostic]:
    """Find printed values whose last filter is not a quoting one."""
    printed = (child for output in tree.find_all(nodes.Output) for child in output.nodes)
    return [
        fault(
            "template-unquoted",
            source.file,
            source.line + child.lineno - 1,
            "a printed value without a quoting filter",
            f"end it with one of: {', '.join('| ' + name for name in QUOTES)}",
        )
        for child in printed
        if not isinstance(child, nodes.TemplateData)
        and not (isinstance(child, nodes.Filter) and child.name in QUOTES)
    ]


def _line_of(problem: BaseException, source: Text) -> int:
    """Give the template's line of an error; jinja2 rewrites tracebacks to template lines."""
    frames = traceback.extract_tb(problem.__traceback__)
    lines = [frame.lineno or 1 for frame in frames if frame.filename == source.file]
    return source.line + (lines[-1] if lines else 1) - 1


def _explained(problem: BaseException, file: str, line: int) -> Diagnostic:
    words = str(problem)
    if isinstance(problem, jinja2.TemplateSyntaxError):
        return fault("template-syntax", file, line, f"not a template: {problem.message}")
    if isinstance(problem, jinja2.UndefinedError):
        hint = "docs/playbooks.md lists the values that templates get"
        return fault("template-undefined", file, line, f"no such value: {words}", hint)
    return fault("template-value", file, line, words)
