#!/bin/sh
# Keeps the operator's port in the management bridge: `ifreload` takes out each port it does not know.
# Keeps the bridge's routes of last resort too (see wires): they go whenever its last address does.
# Arguments: PORT BRIDGE
port=/sys/class/net/$1 bridge=/sys/class/net/$2
routes=$(ip -4 route show dev "$2" metric 4096 | while read -r prefix _; do
    echo "route replace $prefix dev $2 metric 4096"
done)
ip monitor link address | while read -r line; do
    [ -d "$bridge/bridge" ] || continue
    [ -d "$port/brport" ] || ip link set "$1" master "$2"
    read -r flags <"$port/flags"
    [ $((flags & 1)) -eq 1 ] || ip link set "$1" up
    case $line in
    *" $2 "*" inet "*) echo "$routes" | ip -force -batch - ;;
    esac
done
