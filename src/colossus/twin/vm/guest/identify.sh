#!/bin/sh
# Makes a clone of the template the machine that the tar on stdin describes, while it runs.
set -eu
tar -C / -xf -
cat /etc/hostname >/proc/sys/kernel/hostname
# Whoever asks whether a machine was restarted compares this; clones must not share it.
mkdir -p /run/colossus-twin
cat /proc/sys/kernel/random/uuid >/run/colossus-twin/boot_id
mount --bind /run/colossus-twin/boot_id /proc/sys/kernel/random/boot_id
/usr/lib/colossus-twin/bring_up.sh
# What journalctl reads is named after the machine; a restart of journald would cost a second.
mv /run/log/journal/* "/run/log/journal/$(cat /etc/machine-id)"
kill -HUP "$(cat /run/sshd.pid)"
