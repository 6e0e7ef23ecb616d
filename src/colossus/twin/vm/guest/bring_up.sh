#!/bin/sh
# What an installer leaves, at every start of a machine: names, addresses, carriers, device nodes.
# /etc/colossus-twin/nics has lines "NUMBER NAME MAC"; the kernel calls that NIC ethNUMBER.
set -eu
here=/etc/colossus-twin
# NICs that only the template's device list needs; their names may be wanted.
wanted=" "
while read -r number _; do
    wanted="$wanted$number "
done <"$here/nics"
for folder in /sys/class/net/eth[0-9]*; do
    case $wanted in *" ${folder##*/eth} "*) continue ;; esac
    device=$(readlink "$folder/device")
    echo "${device##*/}" >/sys/bus/virtio/drivers/virtio_net/unbind
done
{
    while read -r number _ mac; do
        echo "link set eth$number name colossus$number address $mac"
    done <"$here/nics"
    while read -r number name _; do
        echo "link set colossus$number name $name"
    done <"$here/nics"
} | ip -batch -
ip -force -batch "$here/bootstrap"

read -r accelerators <"$here/accelerators"
number=0
while [ "$number" -lt "$accelerators" ]; do
    [ -e "/dev/nvidia$number" ] || mknod -m 666 "/dev/nvidia$number" c 195 "$number"
    number=$((number + 1))
done

read -r port bridge <"$here/keep-plugged" || true
[ -z "$port" ] || systemd-run --quiet --no-block --unit=colossus-operator \
    /usr/lib/colossus-twin/keep_plugged.sh "$port" "$bridge"
