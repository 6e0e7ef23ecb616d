"""One function per invariant of the design; each returns findings; pure."""
