"""YAML syntax errors in the operator's words, with the place where the cause is."""

import yaml

Place = tuple[str, int, int]

# The scanner's complaint → what it means, and what to do. Matched by substring, in this order.
_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a second ': ' on this line, or a key that is indented too far",
        "quote the value, line the key up, or add the ':' that the line before lacks",
    ),
    (
        "did not find expected key",
        "a key was expected here",
        "line it up with the keys above it; look also at the line before",
    ),
    (
        "did not find expected '-' indicator",
        "an item of the list ('- ') was expected here",
        "line it up with the other items, or end the list by indenting less",
    ),
    (
        "could not find expected ':'",
        "a key without its ':'",
        "write 'key: value'; look also at the line before",
    ),
    (
        "did not find expected ',' or ']'",
        "a list in brackets is not closed",
        "add the missing ',' or ']'",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping in braces is not closed",
        "add the missing ',' or '}'",
    ),
    (
        "found unexpected end of stream",
        "a quoted text is not closed before the file ends",
        "add the closing quote",
    ),
    (
        "found unknown escape character",
        "an unknown '\\' escape in a double-quoted text",
        "use single quotes, or write '\\\\' for a backslash",
    ),
    (
        "block sequence entries are not allowed",
        "a list item ('- ') cannot begin here",
        "put it on a line of its own below its key",
    ),
    (
        "control characters are not allowed",
        "a control character in the text",
        "remove the invisible character",
    ),
)


def syntax_words(fault: yaml.YAMLError, text: str, file: str) -> tuple[Place, str, str]:
    """Give place, summary and hint for a fault of the YAML scanner or parser."""
    mark = getattr(fault, "problem_mark", None)
    problem = str(getattr(fault, "problem", "") or getattr(fault, "reason", "") or fault)
    if mark is None:
        position = getattr(fault, "position", -1)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
        summary, hint = _meaning(problem)
        return (file, line, 0), summary, hint
    place = (file, mark.line + 1, mark.column + 1)
    lines = text.splitlines()
    line_text = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line_text[: mark.column + 1] and not line_text[: mark.column].strip():
        return place, "a tab in the indentation", "indent with spaces; YAML allows no tabs there"
    if "cannot start any token" in problem:
        start = line_text[mark.column : mark.column + 1]
        return place, f"a value cannot begin with {start!r}", "quote the value"
    summary, hint = _meaning(problem)
    begun = getattr(fault, "context_mark", None)
    if begun is not None and begun.line < mark.line:
        summary += f" (inside what begins on line {begun.line + 1})"
    return place, summary, hint


def _meaning(problem: str) -> tuple[str, str]:
    for part, summary, hint in _MEANINGS:
        if part in problem:
            return summary, hint
    return f"not YAML: {problem}", "compare the line with its neighbours"
