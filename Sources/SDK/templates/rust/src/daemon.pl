#!/usr/bin/perl
# Answers a line that is a token with the greeting. Both files are read for each connection, so they can be changed at any time.
use strict; use IO::Socket::INET;
my ($port, $greeting, $tokens) = @ARGV;
sub slurp { open(my $file, '<', $_[0]) or die "$_[0]: $!\n"; local $/; return scalar <$file> }
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "port $port: $!\n";
$SIG{PIPE} = 'IGNORE';
while (1) {
    my $client = $server->accept or next;
    eval {
        local $SIG{ALRM} = sub { die "it says nothing\n" };
        alarm 2;
        my $token = <$client> // '';
        chomp $token;
        my %known = map { (split ' ')[1] => 1 } split /\n/, slurp($tokens);
        print $client $known{$token} ? slurp($greeting) . "\n" : "unknown token\n";
    };
    alarm 0;
    close $client;
}
