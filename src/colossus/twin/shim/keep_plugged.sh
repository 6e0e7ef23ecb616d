#!/bin/sh
# Keeps the operator's port in the management bridge: `ifreload` takes out each port it does not know.
# Arguments: PORT BRIDGE
port=/sys/class/net/$1 bridge=/sys/class/net/$2
ip monitor link | while read -r _; do
    [ -d "$bridge/bridge" ] || continue
    [ -d "$port/brport" ] || ip link set "$1" master "$2"
    read -r flags <"$port/flags"
    [ $((flags & 1)) -eq 1 ] || ip link set "$1" up
done
