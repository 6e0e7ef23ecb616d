"""The machines of a site's dry run. The work is in colossus.stacks."""

from colossus.stacks.twin_project import main

main()
