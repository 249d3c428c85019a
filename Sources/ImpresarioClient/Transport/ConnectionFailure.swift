// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ImpresarioModel
import NIOCore
import NIOPosix
import NIOSSL

/// Puts what goes wrong below HTTP into words.
enum ConnectionFailure {
    static func explain(_ error: any Error, server: ServerAddress) -> (outcome: RetryPolicy.Outcome, problem: Problem) {
        let (outcome, why, remedy) = words(for: error)
        return (
            outcome,
            Problem(.unreachable, "The broker at \(server) does not answer: \(why).", detail: String(describing: error), remedy: remedy)
        )
    }

    private static let start = "Check the address, and that `impresario serve` runs there."
    private static let certificate = "Name the file of the broker's certificate or its authority with --ca."

    private static func words(for error: any Error) -> (RetryPolicy.Outcome, String, String) {
        switch error {
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty, error.dnsAError != nil || error.dnsAAAAError != nil {
                return (.notSent, "no machine is known by the name \(error.host)", start)
            }
            return (.notSent, error.connectionErrors.first.map { words(for: $0.error).1 } ?? "there is no connection", start)
        case let error as IOError:
            return (error.isRefusal ? .notSent : .lost, error.words, start)
        case let error as NIOSSLError:
            if case .handshakeFailed(let cause) = error {
                return (.notSent, "its certificate is not accepted (\(reason(cause)))", certificate)
            }
            return (.lost, "TLS failed (\(error))", certificate)
        case let error as BoringSSLError:
            return (.notSent, "TLS failed (\(reason(error)))", certificate)
        case is NIOSSLExtraError:
            return (.notSent, "its certificate is for another name", certificate)
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
                return (.notSent, "no connection within 5 s", start)
            case .readTimeout, .deadlineExceeded, .writeTimeout: return (.lost, "no answer in time", start)
            case .remoteConnectionClosed: return (.lost, "it closed the connection", start)
            default: return (.lost, "\(error)", start)
            }
        case let error as ChannelError:
            if case .connectTimeout = error { return (.notSent, "no connection within 5 s", start) }
            return (.lost, "the connection broke", start)
        default: return (.lost, "the connection broke", start)
        }
    }

    private static func reason(_ error: some Error) -> String {
        let text = String(describing: error)
        return text.contains("CERTIFICATE_VERIFY_FAILED") ? "it is not signed by a trusted authority" : text
    }
}

extension IOError {
    fileprivate var isRefusal: Bool { [111, 113, 101].contains(errnoCode) }

    fileprivate var words: String {
        switch errnoCode {
        case 111: "the connection was refused"
        case 104: "the connection was reset"
        case 113: "there is no route to the machine"
        case 101: "the network is unreachable"
        case 110: "the connection timed out"
        default: "\(self)"
        }
    }
}
