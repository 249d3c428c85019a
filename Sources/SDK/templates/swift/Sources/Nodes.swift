// SPDX-License-Identifier: Apache-2.0

import ImpresarioPluginKit

/// How a node is set up and how it is asked.
enum Nodes {
    static let port = 7000
    private static let folder = "/var/lib/@NAME@"
    private static let daemon = folder + "/daemon"
    static let greeting = folder + "/greeting"
    private static let tokens = folder + "/tokens"

    /// Those that are there. A stopped one is, and takes files when it runs again: until then a call that needs it is to be repeated.
    static func existing(_ context: Context) -> [Node] { context.nodes.filter { $0.state != "lost" && $0.state != "planned" } }

    /// Brings nodes to where they should be, from wherever they are: files, then the daemon, which is ready when this returns.
    static func setUp(_ call: borrowing Call, _ nodes: [Node]) throws -> JoinResult {
        let text = try Greeting.get(call)
        call.progress(0.1, "putting files")
        try call.put(nodes.flatMap { [File($0, daemon, daemonText, mode: 0o755), File($0, greeting, text)] })
        try put(call, nodes, try Tokens.get(call).tokens)
        call.progress(0.5, "starting the daemon")
        // One declaration for all nodes at once; the host keeps the daemon alive from then on, also when a node is restarted.
        let service = Service("@NAME@", argv: [daemon, String(port), greeting, tokens], ready: .tcp(port, within: .seconds(30)))
        try call.declare(service, on: nodes)
        return JoinResult(joined: nodes.map(\.id))
    }

    static func put(_ call: borrowing Call, _ nodes: [Node], _ known: Tokens) throws {
        try call.put(nodes.map { File($0, tokens, known.text, mode: 0o600) })
    }

    /// What each node says of itself.
    static func reports(_ call: borrowing Call) throws -> [HealthReport.NodeReport] {
        let nodes = call.context.nodes.filter(\.isReachable)
        let commands = nodes.map { Command($0, ["bash", "-c", check, String(port)], timeout: .seconds(10)) }
        let outcomes = try outcomes(call, commands)
        return zip(nodes, outcomes).map { node, outcome in
            guard let outcome else { return .init(id: node.id, state: .down, reason: "The node does not answer.") }
            return outcome.succeeded
                ? .init(id: node.id, state: .ready) : .init(id: node.id, state: .down, reason: "The daemon does not answer.")
        }
    }

    /// Nil where a node cannot be reached. When there is one nothing is known of the others: then they are asked one by one.
    private static func outcomes(_ call: borrowing Call, _ commands: [Command]) throws -> [Outcome?] {
        do {
            return try call.execute(commands)
        } catch {
            guard error.status == .unavailable || error.status == .notFound else { throw error }
        }
        var outcomes: [Outcome?] = []
        for command in commands {
            do {
                outcomes.append(try call.execute(command))
            } catch {
                guard error.status != .cancelled else { throw error }
                outcomes.append(nil)
            }
        }
        return outcomes
    }

    /// In a node: whether its daemon answers. A node that says so itself is ready, whatever we believe.
    private static let check =
        "exec 3<>/dev/tcp/127.0.0.1/$0 && echo check >&3 && read -r -t 3 line <&3 && [ \"$line\" = 'unknown token' ]"

    /// The daemon. Nodes have what a Debian base system has; what more yours needs, name in the plan's `packages` and in the plugin's.
    private static let daemonText = #"""
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

        """#
}
