#!/bin/sh
# The operator's own station: a net namespace that only the management network is plugged into.
# It talks with the tool as boot.sh does, and has no files, no sshd and no LLDP of its own.
set -eu
read -r pid _ </proc/self/stat
echo "pid $pid"
ip link set lo up
read -r word
[ "$word" = up ]
while read -r line && [ "$line" != end ]; do
    echo "$line"
done | ip -force -batch -
echo "ready"
read -r word
[ "$word" = stay ] && exec </dev/null
exec >/dev/null 2>&1
[ "$word" = stay ] && exec sleep infinity
[ "$word" = hold ] && exec cat
exit 1
