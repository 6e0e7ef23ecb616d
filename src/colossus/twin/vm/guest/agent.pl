#!/usr/bin/perl
# The tool's line into a machine: runs commands as root, past the network. Perl, because under
# emulation a Python that only starts costs more than most commands.
# A request is one line, and so is its answer; what may be any bytes is in base64, "-" if empty.
#   < run ID SECONDS ARGV STDIN .         argv: words that end in a zero byte
#   < wake ID EPOCH_SECONDS RANDOM TAR .  sets the clock, feeds the kernel's randomness, becomes who
#                                         the tar says (if there is one)
#   > ID STATUS STDOUT STDERR .           STATUS: as a shell counts; "late" if it was ended
# Requests run side by side. A tool may die in the middle of a line, and the next one may dial in
# before we see that it hung up: each begins with a line break, and only a line with its dot counts.
use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock);
use MIME::Base64;
require '/usr/lib/colossus-twin/bring_up.pl';

my $RNDADDENTROPY = 0x40085203;
my $RNDRESEEDCRNG = 0x5207;
my ($SETTIMEOFDAY, $EPOLL_WAIT, $EPOLL_CTL, $EPOLL_CREATE1) = (164, 232, 233, 291);
my ($EPOLL_CLOEXEC, $EPOLL_CTL_ADD, $EPOLLIN, $EPOLLET) = (0x80000, 1, 1, 1 << 31);
my $LOCK = '/run/colossus-agent.lock';

sub port_path {
    for my $folder (glob '/sys/class/virtio-ports/*') {
        open(my $file, '<', "$folder/name") or next;
        chomp(my $name = <$file> // '');
        return '/dev/' . ($folder =~ s{.*/}{}r) if $name eq 'colossus';
    }
    die "this machine has no line to the tool\n";
}

sysopen(my $port, port_path(), O_RDWR) or die "the line does not open: $!\n";
$SIG{CHLD} = 'IGNORE';

# While no tool has dialled in, a read returns nothing at once and poll(2) says "hung up" at once:
# only a change of the line is worth waiting for.
my $changes = syscall($EPOLL_CREATE1, $EPOLL_CLOEXEC);
my $change  = pack 'L Q', $EPOLLIN | $EPOLLET, 0;
syscall($EPOLL_CTL, $changes, $EPOLL_CTL_ADD, fileno $port, $change) == 0 or die "epoll: $!\n";

my $unread = '';

sub next_line {
    my $seen = 0;
    my $end;
    while (($end = index $unread, "\n", $seen) < 0) {
        $seen = length $unread;
        my $more = sysread($port, $unread, 65536, $seen);
        next if $more || !defined $more && $!{EINTR};
        syscall($EPOLL_WAIT, $changes, $change, 1, -1);
    }
    return substr($unread, 0, $end + 1, '');
}

sub plain { return $_[0] eq '-' ? '' : decode_base64($_[0]); }
sub coded { return length $_[0] ? encode_base64($_[0], '') : '-'; }

sub answer {
    my ($id, $status, $out, $err) = @_;
    my $text = "\n" . join(' ', $id, $status, coded($out), coded($err), '.') . "\n";
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
    $SIG{CHLD} = 'DEFAULT';
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
    my @words = split /\0/, $argv, -1;                # -1: the last words may be empty, too
    pop @words;
    command($in, $out, $err, @words) if !$child;
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
    my ($verb, $id, $number, @parts) = split ' ', next_line();
    next if @parts != 3 || pop @parts ne '.';
    my $child = fork // die "fork: $!\n";
    next if $child;
    @parts = map { plain($_) } @parts;
    $verb eq 'wake' ? woken($id, $number, @parts) : run($id, $number, @parts);
    exit 0;
}
