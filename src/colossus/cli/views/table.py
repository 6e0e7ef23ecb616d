"""Tables: with rules and colour on a terminal, plain aligned columns in a pipe."""

import sys
from collections.abc import Mapping, Sequence

from colossus.cli.views.colour import coloured, printable

Row = Mapping[str, object]
_GAP = "  "


def show_table(rows: Sequence[Row], columns: Mapping[str, str], title: str = "") -> None:
    """Print rows; columns maps a row's key to its heading; columns without values are left out."""
    columns = {key: heading for key, heading in columns.items() if _any(rows, key)}
    if sys.stdout.isatty():
        _rich_table(rows, columns, title)
    else:
        print(as_table(rows, columns))


def as_table(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    """Give aligned columns, numbers to the right, no trailing blanks."""
    cells = [[_word(row.get(key)) for key in columns] for row in rows]
    headed = [list(columns.values()), *cells]
    widths = [max(len(line[place]) for line in headed) for place in range(len(columns))]
    right = [_is_numeric(rows, key) for key in columns]
    return "\n".join(
        _GAP.join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in headed
    )


def show_facts(facts: Row, titles: Mapping[str, str]) -> None:
    """Print one object: a line per fact, empty ones left out."""
    told = [(title, _word(facts.get(key))) for key, title in titles.items()]
    width = max(len(title) for title, _ in told)
    for title, word in told:
        if word:
            print(f"{title.ljust(width)}{_GAP}{word}")


def _rich_table(rows: Sequence[Row], columns: Mapping[str, str], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="underline",
        # Rules between columns cost width that a name needs.
        box=None,
        padding=(0, 2, 0, 0),
    )
    for key, heading in columns.items():
        table.add_column(heading, justify="right" if _is_numeric(rows, key) else "left")
    for row in rows:
        table.add_row(*(_word(row.get(key)) for key in columns))
    Console(no_color=not coloured(sys.stdout), markup=False).print(table)


def _any(rows: Sequence[Row], key: str) -> bool:
    return not rows or any(_word(row.get(key)) for row in rows)


def _is_numeric(rows: Sequence[Row], key: str) -> bool:
    return all(isinstance(row.get(key), int | float | None) for row in rows)


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.1f}".removesuffix(".0")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(_word(each) for each in value)
    return printable(str(value))
