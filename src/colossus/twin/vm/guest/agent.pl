#!/usr/bin/perl
# The tool's line into a machine: runs commands as root, past the network. Perl, because under
# emulation a Python that only starts costs more than most commands.
# A request is one line, then so many bytes; so is its answer. Requests run side by side.
#   < run ID SECONDS ARGV_BYTES STDIN_BYTES    argv: words that end in a zero byte
#   < wake ID EPOCH_SECONDS RANDOM_BYTES TAR_BYTES    sets the clock, feeds the kernel's
#                                             randomness, becomes who the tar says (if there is one)
#   > ID STATUS STDOUT_BYTES STDERR_BYTES      STATUS: as a shell counts; "late" if it was ended
# When the tool hangs up, half a request is forgotten.
use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock);
require '/usr/lib/colossus-twin/bring_up.pl';

my $RNDADDENTROPY = 0x40085203;
my $RNDRESEEDCRNG = 0x5207;
my $SETTIMEOFDAY  = 164;
my $LOCK          = '/run/colossus-agent.lock';

sub port_path {
    for my $folder (glob '/sys/class/virtio-ports/*') {
        open(my $file, '<', "$folder/name") or next;
        chomp(my $name = <$file> // '');
        return '/dev/' . ($folder =~ s{.*/}{}r) if $name eq 'colossus';
    }
    die "this machine has no line to the tool\n";
}

sysopen(my $port, port_path(), O_RDWR) or die "the line does not open: $!\n";
# The line wakes us when the tool dials in; until then a read returns nothing at once.
$SIG{IO}   = sub { };
$SIG{CHLD} = 'IGNORE';
fcntl($port, 8, $$);                                # F_SETOWN
fcntl($port, F_SETFL, O_RDWR | O_ASYNC) or die "no signals from the line: $!\n";

# Returns so many bytes, or nothing if the tool hung up meanwhile.
sub take {
    my ($wanted) = @_;
    my $got = '';
    while (length $got < $wanted) {
        my $more = sysread($port, $got, $wanted - length $got, length $got);
        next if !defined $more && $!{EINTR};
        return if !$more;
    }
    return $got;
}

sub line {
    my $got = '';
    while ($got !~ /\n\z/) {
        my $byte = take(1);
        return if !defined $byte;
        $got .= $byte;
    }
    return $got;
}

sub answer {
    my ($id, $status, $out, $err) = @_;
    my $text = join(' ', $id, $status, length $out, length $err) . "\n$out$err";
    open(my $lock, '>', $LOCK) or die "$LOCK: $!\n";
    flock($lock, LOCK_EX);
    while (length $text) {
        my $sent = syswrite($port, $text);
        next if !defined $sent && $!{EINTR};
        last if !$sent;                             # the tool hung up: nobody wants this
        substr($text, 0, $sent, '');
    }
    return;
}

sub scratch {
    my ($content) = @_;
    my $path = "/run/colossus-agent.$$." . rand;
    open(my $file, '+>', $path) or die "$path: $!\n";
    unlink $path;
    binmode $file;
    syswrite($file, $content) if length $content;
    sysseek($file, 0, 0);
    return $file;
}

sub content {
    my ($file) = @_;
    sysseek($file, 0, 0);
    local $/ = undef;
    return <$file> // '';
}

sub command {
    my ($in, $out, $err, @argv) = @_;
    setpgrp(0, 0);
    open(STDIN,  '<&', $in)  or exit 126;
    open(STDOUT, '>&', $out) or exit 126;
    open(STDERR, '>&', $err) or exit 126;
    chdir '/root';
    %ENV = (
        PATH => '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME => '/root',
        USER => 'root',
        LANG => 'C.UTF-8',
    );
    $SIG{IO} = $SIG{CHLD} = 'DEFAULT';
    { no warnings 'exec'; exec { $argv[0] } @argv; }
    my $why = "$argv[0]: $!\n";
    syswrite(STDERR, $why);
    exit 127;
}

# In a process of its own: runs one command to its end or its time, and answers.
sub run {
    my ($id, $seconds, $argv, $stdin) = @_;
    $SIG{CHLD} = 'DEFAULT';
    my ($in, $out, $err) = (scratch($stdin), scratch(''), scratch(''));
    my $child = fork // die "fork: $!\n";
    command($in, $out, $err, split(/\0/, $argv)) if !$child;
    my $late = 0;
    local $SIG{ALRM} = sub { $late = 1; kill 'KILL', -$child; };
    alarm $seconds;
    while (waitpid($child, 0) < 0 && $!{EINTR}) { }
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    alarm 0;
    answer($id, $late ? 'late' : $status, content($out), content($err));
    return;
}

sub wake {
    my ($epoch, $random, $tar) = @_;
    my $whole = int $epoch;
    my $clock = pack('q q', $whole, ($epoch - $whole) * 1e6);
    syscall($SETTIMEOFDAY, $clock, 0) == 0 or die "clock: $!\n";
    sysopen(my $pool, '/dev/random', O_RDWR) or die "/dev/random: $!\n";
    my $entropy = pack('i i', 8 * length $random, length $random) . $random;
    ioctl($pool, $RNDADDENTROPY, $entropy) or die "randomness: $!\n";
    ioctl($pool, $RNDRESEEDCRNG, 0) or die "randomness: $!\n";
    identify($tar) if length $tar;
    return;
}

sub woken {
    my ($id, @parts) = @_;
    local $SIG{CHLD} = 'DEFAULT';
    my $fine = eval { wake(@parts); 1 };
    answer($id, $fine ? 0 : 1, '', $fine ? '' : $@);
    return;
}

while (1) {
    my $line = line();
    if (!defined $line) {
        select(undef, undef, undef, 1);             # until the tool dials in, or a second
        next;
    }
    my ($verb, $id, $number, @sizes) = split ' ', $line;
    my @parts = map { take($_) } @sizes;
    next if grep { !defined } @parts;
    my $child = fork // die "fork: $!\n";
    next if $child;
    $verb eq 'wake' ? woken($id, $number, @parts) : run($id, $number, @parts);
    exit 0;
}
