// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import Logging

/// Logs as one JSON object a line, to standard error.
struct JSONLines: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    static func logger(format: Settings.LogFormat, level: Logger.Level) -> Logger {
        var logger = Logger(label: "impresario") { label in
            switch format {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLines()
            }
        }
        logger.logLevel = level
        return logger
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { JSONValue.string("\($0)") }
        fields["time"] = .string(Timestamp.now().description)
        fields["level"] = .string(event.level.rawValue)
        fields["message"] = .string(event.message.description)
        guard var text = try? CanonicalJSON.encode(JSONValue.object(fields)) else { return }
        text.append(0x0a)
        FileHandle.standardError.write(text)
    }
}
