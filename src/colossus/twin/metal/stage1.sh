#!/bin/sh
# First program of a host that boots from our image, over the network or from its disk.
# Over the network the loader puts /disk.img, /root.squashfs and /seed.tar beside it: then the disk is
# written, whatever was on it, and who the host is comes from the seed. From the disk there is no seed.
# Kernel words: colossus.disk=/dev/DISK
# Partitions: 1 kernel and initrd as a tar, 2 the root that is only read, 3 all that is written.
export PATH=/bin
busybox mount -t devtmpfs dev /dev
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
for module in /modules/*; do
    busybox insmod "$module"
done

say() {
    echo "colossus: $*" >/dev/console
}
stuck() {
    say "$*"
    busybox sleep 10
    busybox reboot -f
}

disk=
words=
read -r line </proc/cmdline
for word in $line; do
    case $word in
    colossus.disk=*) disk=${word#*=} ;;
    BOOT_IMAGE=* | initrd=*) continue ;;
    esac
    words="$words $word"
done
[ -b "$disk" ] || stuck "there is no disk '$disk'"
case $disk in
*[0-9]) part=${disk}p ;;
*) part=$disk ;;
esac

busybox mkdir -p /lower /state /new
fresh=
if [ -e /seed.tar ]; then
    fresh=yes
    say "writing $disk"
    busybox dd if=/disk.img of="$disk" bs=1M conv=fsync 2>/dev/null || stuck "$disk cannot be written"
    busybox rm /disk.img
    busybox partprobe "$disk"
    busybox dd if=/root.squashfs of="${part}2" bs=1M conv=fsync 2>/dev/null || stuck "no room for the root"
    busybox rm /root.squashfs
    busybox mke2fs "${part}3" >/dev/null || stuck "no file system on ${part}3"
fi
busybox mount -t ext4 "${part}3" /state || stuck "nothing is installed on $disk"
busybox mount -t squashfs -o ro "${part}2" /lower || stuck "no root on ${part}2"
busybox mkdir -p /state/upper /state/work /state/grub
if [ "$fresh" ]; then
    printf 'linux (hd0,msdos1)/vmlinuz%s\ninitrd (hd0,msdos1)/initrd\nboot\n' "$words" >/state/grub/grub.cfg
fi
busybox mount -t overlay -o lowerdir=/lower,upperdir=/state/upper,workdir=/state/work root /new
if [ "$fresh" ]; then
    busybox tar -x -f /seed.tar -C /new || stuck "the seed is damaged"
    busybox rm /seed.tar
    busybox sync
fi

# NICs are found by their addresses, never by their order; as systemd.link(5) writes it.
for link in /new/etc/systemd/network/*.link; do
    [ -e "$link" ] || continue
    mac=$(busybox sed -n 's/^MACAddress=//p' "$link")
    name=$(busybox sed -n 's/^Name=//p' "$link")
    for folder in /sys/class/net/*; do
        [ "$(busybox cat "$folder/address")" = "$mac" ] || continue
        [ "${folder##*/}" = "$name" ] || busybox ip link set "${folder##*/}" name "$name"
    done
done

busybox mount --move /dev /new/dev
busybox mount --move /proc /new/proc
busybox mount --move /sys /new/sys
# Fresh from its installer a machine runs sshd and nothing else; later it starts what is enabled.
target=multi-user.target
[ "$fresh" ] && target=colossus-fresh.target
say "starting $target"
exec busybox switch_root /new /lib/systemd/systemd "--unit=$target"
