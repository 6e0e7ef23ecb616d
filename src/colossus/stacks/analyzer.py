"""The plug-in `pulumi-analyzer-policy-colossus`: runs a policy pack with this very Python.

The engine starts it with its own address and the pack's folder.
"""

import os
import sys


def main() -> None:
    """Become the policy pack's program."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", *sys.argv[1:3]]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter; nothing of a shell
