"""Templates: quoted, strict, sandboxed, short, and told by file and line when they are wrong."""

import pytest
from jinja2 import nodes

from colossus.render.refused import RenderRefused
from colossus.render.templates import Text, _environment, compiled
from tests.unit.sites import ROOT

SHIPPED = sorted((ROOT / "playbooks").rglob("*.j2"))
BLOCKS = (nodes.For, nodes.If)
MOST_NESTED = 2
# Arithmetic belongs where it is tested; `~` joins words that belong into one ready value.
ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat)


def refusal(text: str, values: dict[str, object] | None = None) -> str:
    with pytest.raises(RenderRefused) as caught:
        compiled(Text(text, "playbooks/x/files/etc/x.j2")).render(values or {})
    return "; ".join(f"{f.where} {f.code}: {f.summary}" for f in caught.value.findings)


def depth(node: nodes.Node) -> int:
    """How deep blocks are nested; an elif counts as its if."""
    if isinstance(node, nodes.If):
        chained = [depth(each) - 1 for each in node.elif_]
        inner = [depth(each) for each in (*node.body, *node.else_)]
        return max([0, *chained, *inner]) + 1
    below = max((depth(child) for child in node.iter_child_nodes()), default=0)
    return below + isinstance(node, BLOCKS)


def test_there_are_templates() -> None:
    assert len(SHIPPED) > 10


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_shipped_template_is_plain(path: object) -> None:
    text = ROOT.joinpath(str(path)).read_text(encoding="utf-8")
    compiled(Text(text, str(path)))  # refuses unquoted values
    tree = _environment().parse(text)
    assert depth(tree) <= MOST_NESTED
    assert list(tree.find_all(ARITHMETIC)) == []


def test_depth_counts_blocks() -> None:
    text = "{% for a in b %}{% if a %}{% elif b %}{% if c %}{% endif %}{% endif %}{% endfor %}"
    assert depth(_environment().parse(text)) == 3


def test_a_value_without_a_quoting_filter_is_refused() -> None:
    assert refusal("a\nb={{ x }}\nc={{ x | upper }}\n") == (
        "playbooks/x/files/etc/x.j2:2 template-unquoted: a printed value without a quoting filter; "
        "playbooks/x/files/etc/x.j2:3 template-unquoted: a printed value without a quoting filter"
    )


def test_the_quoting_filter_comes_last() -> None:
    assert "template-unquoted" in refusal("{{ x | sh | upper }}")


def test_what_is_missing_is_told_with_its_line() -> None:
    told = refusal("one\n{% for a in b %}\n{{ a.c | ini }}\n{% endfor %}\n", {"b": [object()]})
    assert told.startswith("playbooks/x/files/etc/x.j2:3 template-undefined: no such value: ")


def test_bad_syntax_is_told_with_its_line() -> None:
    told = refusal("one\ntwo {{ x\n")
    assert told.startswith("playbooks/x/files/etc/x.j2:2 template-syntax: not a template: ")


def test_a_value_that_leaves_its_line_is_told() -> None:
    told = refusal("\n\nx={{ x | ini }}\n", {"x": "a\nroot ALL"})
    assert told == (
        "playbooks/x/files/etc/x.j2:3 template-value: 'a\\nroot ALL' does not fit on one line"
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ | ini }}",
        "{{ x.append(1) | ini }}",
        "{{ range(9) | ini }}",
        "{{ lipsum() | ini }}",
    ],
)
def test_templates_reach_nothing_else(text: str) -> None:
    assert refusal(text, {"x": []})


def test_a_template_names_the_values_it_asks_for() -> None:
    found = compiled(Text("{% for each in slurm.nodes %}{{ host.name | ini }}{% endfor %}", "x"))
    assert found.names == {"slurm", "host"}
