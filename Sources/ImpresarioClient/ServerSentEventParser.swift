// SPDX-License-Identifier: Apache-2.0

/// Takes a `text/event-stream` apart, whatever pieces it arrives in.
struct ServerSentEventParser: Sendable {
    struct Message: Hashable, Sendable {
        var id: String?
        var event: String?
        var data: String
    }

    private var line: [UInt8] = []
    private var sawReturn = false
    private var id: String?
    private var event: String?
    private var data: [String] = []

    /// The messages that these bytes complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Message] {
        var messages: [Message] = []
        for byte in bytes {
            // A line ends with LF, CR, or both.
            if byte == 0x0a, sawReturn {
                sawReturn = false
                continue
            }
            sawReturn = byte == 0x0d
            guard byte == 0x0a || byte == 0x0d else {
                line.append(byte)
                continue
            }
            if let message = end(of: String(decoding: line, as: UTF8.self)) { messages.append(message) }
            line.removeAll(keepingCapacity: true)
        }
        return messages
    }

    private mutating func end(of line: String) -> Message? {
        if line.isEmpty {
            defer {
                event = nil
                data = []
            }
            return data.isEmpty ? nil : Message(id: id, event: event, data: data.joined(separator: "\n"))
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count == 2 ? parts[1] : ""
        if value.hasPrefix(" ") { value.removeFirst() }
        switch parts[0] {
        case "id": id = String(value)
        case "event": event = String(value)
        case "data": data.append(String(value))
        // A comment, or a field that we do not know.
        default: break
        }
        return nil
    }
}
