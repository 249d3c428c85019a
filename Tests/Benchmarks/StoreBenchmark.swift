// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImpresarioModel
import ImpresarioStore
import Logging

extension Benchmark {
    /// Durable creates and reads of records of 1 KiB, by how many ask at once. Beside them what one flush of this disk costs, so that figures
    /// of different machines can be compared.
    static let store = Benchmark(subject: "store") { report in
        report.figure("store.disk.flush", try medianFlush(in: report.folder), "ms")
        let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        let store = try SQLiteStore(path: report.folder + "/store.sqlite", logger: logger)
        let value = try record()
        var created = 0
        for clients in [1, 16, 64] {
            let load = try await Load.run(clients: clients, for: .seconds(3)) { client, round in
                let key = "tenant/\(clients)-\(client)-\(round)"
                _ = try await store.commit(Transaction(preconditions: [.absent(key)], writes: [.put(key, value)]))
            }
            load.report("store.create.\(clients)", to: report)
            created += load.latencies.count
        }
        let records = try await store.list(prefix: "")
        guard records.records.count == created, records.revision == Revision(created) else {
            throw Problem(.internal, "\(created) records were created and \(records.records.count) are there.")
        }
        let keys = records.records.map(\.key).shuffled()
        for clients in [1, 16, 64] {
            let load = try await Load.run(clients: clients, for: .seconds(2)) { client, round in
                let record = try await store.get(keys[(client * 7919 + round) % keys.count])
                guard record?.value.count == value.count else { throw Problem(.internal, "A record is not there.") }
            }
            load.report("store.read.\(clients)", to: report)
        }
        let list = try await Load.run(clients: 1, for: .seconds(1)) { _, _ in
            guard try await store.list(prefix: "").records.count == keys.count else { throw Problem(.internal, "A list is short.") }
        }
        report.figure("store.list.records", Double(created) * list.perSecond, "1/s")
        await store.close()
    }

    private static func record() throws -> Data {
        let limits = Dictionary(uniqueKeysWithValues: (0..<24).map { ("license.product-\($0)", JSONValue.integer(Int64($0) * 1000)) })
        let labels: JSONValue = .string(String(repeating: "x", count: 300))
        let data = try CanonicalJSON.encode(["name": "tenant", "limits": .object(limits), "labels": labels] as JSONValue)
        return data + Data(repeating: 0x20, count: max(0, 1024 - data.count))
    }

    /// Milliseconds for 4 KiB written and flushed.
    private static func medianFlush(in folder: String) throws -> Double {
        let path = folder + "/flush"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Problem(.storeFailed, "Cannot write \(path).") }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 1, count: 4096)
        let times = try (0..<101).map { round in
            try ContinuousClock().measure {
                guard pwrite(descriptor, page, page.count, off_t(round * page.count)) == page.count, fsync(descriptor) == 0 else {
                    throw Problem(.storeFailed, "Cannot write \(path).")
                }
            }
        }
        return times.sorted()[50] / .milliseconds(1)
    }
}
