# What an installer leaves in a machine: its name and keys, and at every start the names and
# addresses of its NICs, and device nodes. One Perl, because every program that a machine starts
# costs 0.05 to 0.5 CPU-seconds under emulation, times the machines of a twin.
# Run by itself it brings the machine up; the agent, which loads it, also makes clones themselves.
use strict;
use warnings;

my $HERE   = '/etc/colossus-twin';
my $BOOT_ID = '/proc/sys/kernel/random/boot_id';
my ($MKNOD, $MOUNT, $BIND, $CHARACTER_DEVICE) = (133, 165, 4096, 0020666);

sub content_of {
    my ($path) = @_;
    open(my $file, '<', $path) or die "$path: $!\n";
    local $/ = undef;
    return scalar(<$file>) // '';
}

sub write_to {
    my ($path, $content, $mode) = @_;
    my $folder = '';
    for my $name (split m{/}, $path =~ s{/[^/]*\z}{}r =~ s{\A/}{}r) {
        $folder .= "/$name";
        mkdir $folder, $name =~ /\A\./ ? 0700 : 0755;
    }
    # A fresh file, unless it is the kernel's.
    unlink $path if $mode;
    open(my $file, '>', $path) or die "$path: $!\n";
    chmod $mode, $path if $mode;
    syswrite($file, $content) // die "$path: $!\n" if length $content;
    return;
}

# A tar of plain files, as Python's tarfile writes them (ustar).
sub unpack_tar {
    my ($tar) = @_;
    my $at = 0;
    while ($at + 512 <= length $tar) {
        my ($name, $mode, $size) = unpack 'Z100 Z8 x16 Z12', substr $tar, $at, 512;
        last if $name eq '';
        write_to("/$name", substr($tar, $at + 512, oct $size), oct $mode);
        $at += 512 * (1 + int((oct($size) + 511) / 512));
    }
    return;
}

# Makes a running clone of the template the machine that the tar describes.
sub identify {
    my ($tar) = @_;
    unpack_tar($tar);
    write_to('/proc/sys/kernel/hostname', content_of('/etc/hostname'));
    # Whoever asks whether a machine was restarted compares this; clones must not share it.
    my $own = '/run/colossus-twin/boot_id';
    write_to($own, content_of('/proc/sys/kernel/random/uuid'), 0444);
    syscall($MOUNT, $own, "$BOOT_ID", 0, $BIND, 0) == 0 or die "$BOOT_ID: $!\n";
    bring_up();
    # What journalctl reads is named after the machine; a restart of journald would cost a second.
    chomp(my $machine = content_of('/etc/machine-id'));
    rename $_, "/run/log/journal/$machine" for glob '/run/log/journal/*';
    kill 'HUP', content_of('/run/sshd.pid') =~ /(\d+)/;
    return;
}

sub bring_up {
    my @nics = map { [split] } split /\n/, content_of("$HERE/nics");
    my %wanted = map { ("eth$_->[0]" => 1) } @nics;
    # NICs that only the template's device list needs; their names may be wanted.
    for my $folder (glob '/sys/class/net/eth[0-9]*') {
        next if $wanted{ $folder =~ s{.*/}{}r };
        my $device = readlink("$folder/device") =~ s{.*/}{}r;
        write_to('/sys/bus/virtio/drivers/virtio_net/unbind', $device);
    }
    open(my $ip, '|-', 'ip', '-batch', '-') or die "ip: $!\n";
    print {$ip} "link set eth$_->[0] name colossus$_->[0] address $_->[2]\n" for @nics;
    print {$ip} "link set colossus$_->[0] name $_->[1]\n" for @nics;
    print {$ip} content_of("$HERE/bootstrap");
    close $ip or die "the NICs cannot be set up\n";

    umask 0;
    for my $number (0 .. content_of("$HERE/accelerators") - 1) {
        syscall($MKNOD, "/dev/nvidia$number", $CHARACTER_DEVICE, (195 << 8) | $number);
    }
    my @kept = split ' ', content_of("$HERE/keep-plugged");
    my @unit = qw(systemd-run --quiet --no-block --unit=colossus-operator);
    system(@unit, '/usr/lib/colossus-twin/keep_plugged.sh', @kept) == 0 or die "no unit\n" if @kept;
    return;
}

bring_up() if !caller;
1;
