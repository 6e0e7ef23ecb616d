"""`colossus --help` is quick because it leaves the heavy libraries alone."""

import subprocess
import sys

HEAVY = {"paramiko", "pulumi", "numpy", "scipy", "jinja2", "reportlab", "segno", "xlsxwriter"}

ASK_FOR_HELP = """
import sys
from colossus.cli.main import main
sys.argv = ["colossus", "--help"]
try:
    main()
finally:
    sys.stderr.write("loaded: " + " ".join(sorted(sys.modules)))
"""


def test_help_imports_nothing_heavy() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert "provision" in ran.stdout
    loaded = set(ran.stderr.partition("loaded: ")[2].split())
    assert "typer" in loaded
    assert loaded & HEAVY == set()
