"""One function per invariant; each gives findings, none stops the others."""
