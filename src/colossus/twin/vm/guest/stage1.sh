#!/bin/sh
# A machine's first program (busybox, from the initrd): finds root and disk, joins them, starts systemd.
# Kernel words: colossus.probe   only say that a kernel boots here, and end.
export PATH=/bin
busybox mount -t devtmpfs dev /dev
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys

if busybox grep -qw colossus.probe /proc/cmdline; then
    echo 'colossus: a kernel boots here' >/dev/console
    busybox reboot -f
fi

for module in /modules/*; do
    busybox insmod "$module"
done

disk() {
    for folder in /sys/block/vd*; do
        [ "$(busybox cat "$folder/serial")" = "$1" ] && echo "/dev/${folder##*/}" && return
    done
    return 1
}

busybox mkdir -p /lower /state /joined
busybox mount -t squashfs -o ro "$(disk root)" /lower
busybox mount -t ext4 "$(disk state)" /state
busybox mkdir -p /state/upper /state/work
busybox mount -t overlay -o lowerdir=/lower,upperdir=/state/upper,workdir=/state/work root /joined
busybox mount --move /dev /joined/dev
busybox mount --move /proc /joined/proc
busybox mount --move /sys /joined/sys

# Fresh from its installer a machine runs sshd and nothing else; later it starts what is enabled.
target=colossus-fresh.target
[ -e /joined/etc/colossus-twin/nics ] && target=multi-user.target
exec busybox switch_root /joined /lib/systemd/systemd "--unit=$target"
