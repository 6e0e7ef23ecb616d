"""Playbooks and a fabric into the files, packages and services of each target."""
