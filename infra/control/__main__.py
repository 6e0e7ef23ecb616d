"""Switches, Slurm controllers and other services of a site. The work is in colossus.stacks."""

from colossus.stacks.project import main

main()
