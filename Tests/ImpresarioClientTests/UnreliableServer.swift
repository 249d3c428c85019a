// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// A server on a port of its own that answers each connection's first bytes by script: a text, or nothing but a closed connection.
struct UnreliableServer: Sendable {
    let port: Int
    private let count: Counter

    /// Connections that sent something.
    var requests: Int { count.value.withLock { $0 } }

    private final class Counter: Sendable {
        let value = Mutex(0)
    }

    static func with(_ script: [String?], _ body: (UnreliableServer) async throws -> Void) async throws {
        let count = Counter()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(script: script, count: count))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(UnreliableServer(port: channel.localAddress?.port ?? 0, count: count))
            try await channel.close()
        } catch {
            try await channel.close()
            throw error
        }
    }

    static func json(_ status: String, _ body: String, type: String = "application/json") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let script: [String?]
        private let count: Counter
        private var isAnswered = false

        init(script: [String?], count: Counter) {
            self.script = script
            self.count = count
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !isAnswered else { return }
            isAnswered = true
            let index = count.value.withLock { value in
                defer { value += 1 }
                return value
            }
            if let text = index < script.count ? script[index] : nil {
                context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            }
            context.close(promise: nil)
        }
    }
}
