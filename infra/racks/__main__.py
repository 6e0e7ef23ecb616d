"""Racks of compute hosts: one stack per hundred racks. The work is in colossus.stacks."""

from colossus.stacks.project import main

main()
