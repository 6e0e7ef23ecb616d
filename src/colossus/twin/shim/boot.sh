#!/bin/sh
# PID 1 of one twin node: builds its root, waits for its cables, starts sshd, then sleeps.
# It runs in fresh mount, uts, pid, ipc and net namespaces. Its talk with the tool (stdin, stdout):
#   > pid N        the host's number of this process
#   < up           every cable is plugged in; the lines up to "end" are `ip -batch` commands
#   > ready KEY    sshd listens and its public host key is KEY
#   < stay | hold  stay: live on without the tool; hold: die when the tool closes stdin
# An end of stdin before that means that the tool is dead: then this node ends too.
# Arguments: IMAGE WORK NAME MACHINE_ID TMPFS_SIZE ACCELERATORS SHIM AUTHORIZED_KEY SETTINGS
#   SHARED SHARED_AT (a folder of the machine, and where this node and others have it; or both empty)
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
image=$1 work=$2 name=$3 machine_id=$4 size=$5 accelerators=$6 shim=$7 authorized_key=$8 settings=$9
shared=${10} shared_at=${11}

# This /proc is still the machine's, so it counts processes as the machine does.
read -r pid _ </proc/self/stat
echo "pid $pid"

mount -t tmpfs -o "size=$size,mode=755" twin "$work"
mkdir "$work/upper" "$work/scratch" "$work/root" "$work/settings"
mount -t overlay -o "lowerdir=$image,upperdir=$work/upper,workdir=$work/scratch" twin "$work/root"
cd "$work/root"

mount -t proc proc proc
# slurmd refuses to start unless it sees a control group tree; nothing in it may be written.
mount -t sysfs sysfs sys
if [ -d /sys/fs/cgroup/systemd ]; then
    mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup
    mkdir sys/fs/cgroup/systemd
    mount --bind /sys/fs/cgroup/systemd sys/fs/cgroup/systemd
    mount -o remount,bind,ro sys/fs/cgroup/systemd
else
    mount --bind /sys/fs/cgroup sys/fs/cgroup
fi
mount -o remount,bind,ro sys/fs/cgroup
# Kernel settings outside the network are the machine's own: a node may read them only.
mount --bind sys/devices/virtual/net sys/devices/virtual/net
mount -o remount,bind,ro sys
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,rw proc/sys/net
# ... except those that the plan sets: a private file stands over each, so writing and reading back work.
for setting in $settings; do
    cat "proc/sys/$setting" >"$work/settings/value"
    stand_in=$work/settings/$(echo "$setting" | tr / .)
    mv "$work/settings/value" "$stand_in"
    mount --bind "$stand_in" "proc/sys/$setting"
done

if [ -n "$shared" ]; then
    mkdir -p "$shared_at"
    mount --bind "$shared" "$shared_at"
fi

mount -t tmpfs -o mode=755,size=64k dev dev
mkdir dev/pts dev/shm
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
n=0
while [ "$n" -lt "$accelerators" ]; do
    mknod -m 666 "dev/nvidia$n" c 195 "$n"
    n=$((n + 1))
done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
ln -s pts/ptmx dev/ptmx
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o "mode=1777,size=$size" shm dev/shm

mkdir -p usr/lib/twin/colossus/twin/shim root/.ssh run/sshd run/network run/colossus-systemctl
cp "$shim"/*.py usr/lib/twin/colossus/twin/shim/
cat >usr/bin/systemctl <<'END'
#!/usr/bin/python3 -ISE
import sys

sys.path.insert(0, "/usr/lib/twin")
from colossus.twin.shim.systemctl import main

sys.exit(main(sys.argv[1:]))
END
chmod 755 usr/bin/systemctl
chmod 700 root root/.ssh
echo "$authorized_key" >root/.ssh/authorized_keys
echo "$name" >etc/hostname
echo "$machine_id" >etc/machine-id
printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n' "$name" >etc/hosts
: >etc/resolv.conf
hostname "$name"

mkdir .machine
pivot_root . .machine
cd /
umount -l .machine
rmdir .machine

ip link set lo up
read -r word
[ "$word" = up ]
while read -r line && [ "$line" != end ]; do
    echo "$line"
done | ip -force -batch -

ssh-keygen -q -t ed25519 -N '' -C "$name" -f /etc/ssh/ssh_host_ed25519_key
/usr/sbin/sshd -D </dev/null >/dev/null 2>&1 &
echo "$!" >/run/colossus-systemctl/ssh.service
echo exited >/run/colossus-systemctl/networking.service
# sshd writes its pid file once it listens.
while [ ! -s /run/sshd.pid ]; do
    kill -0 "$!"
    sleep 0.02
done
read -r type key _ </etc/ssh/ssh_host_ed25519_key.pub
echo "ready $type $key"

# A PID 1 that ignores SIGCHLD leaves no zombies: the kernel reaps for it.
read -r word
[ "$word" = stay ] && exec </dev/null
exec >/dev/null 2>&1
[ "$word" = stay ] && exec env --ignore-signal=CHLD sleep infinity
[ "$word" = hold ] && exec env --ignore-signal=CHLD cat
exit 1
