"""Workbooks, pages and labels for the people on the floor: written and read."""
