"""The quoting filters: what goes in comes out again, in the language it was written into."""

import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colossus.render.quoting import Unquotable, ini, sh, yaml

LINE = st.text(st.characters(blacklist_categories=["Cc", "Cs"]))


@given(LINE)
def test_a_shell_reads_one_word(text: str) -> None:
    assert shlex.split(sh(text)) == [text]


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_yaml_reads_the_text(text: str) -> None:
    assert json.loads(yaml(text)) == text


def test_yaml_writes_lists() -> None:
    assert yaml(("a", "b")) == '["a", "b"]'


@pytest.mark.parametrize("quote", [ini, sh])
@pytest.mark.parametrize("text", ["a\nb", "a\rb", "\x00", "\x1b[0m"])
def test_a_line_stays_a_line(quote: object, text: str) -> None:
    assert callable(quote)
    with pytest.raises(Unquotable, match="does not fit on one line"):
        quote(text)
