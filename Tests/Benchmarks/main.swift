// SPDX-License-Identifier: Apache-2.0

import Foundation

// Benchmarks [--folder PATH] [NAME]: measures the subjects whose name contains NAME, all of them without one.
var arguments = Array(CommandLine.arguments.dropFirst())
// Beside the build, not in /tmp, which often is memory: a flush there costs nothing and says nothing.
var parent = FileManager.default.currentDirectoryPath + "/.build"
if let position = arguments.firstIndex(of: "--folder"), position + 1 < arguments.count {
    parent = arguments[position + 1]
    arguments.removeSubrange(position...(position + 1))
}
let chosen = Benchmark.all.filter { subject in arguments.allSatisfy { subject.subject.contains($0) } }
let folder = "\(parent)/benchmark-\(UUID().uuidString)"
let report = Report(folder: folder)

if chosen.isEmpty || arguments.contains(where: { $0.hasPrefix("-") }) {
    report.remark("usage: Benchmarks [--folder PATH] [NAME]; subjects: " + Benchmark.all.map(\.subject).joined(separator: ", "))
    exit(64)
}
#if DEBUG
    report.remark("debug build; for figures that mean something: make bench")
#else
    report.remark("release build")
#endif
Interruption.watch()

var failed = false
for benchmark in chosen {
    if let reason = benchmark.isSkipped() {
        report.remark("\(benchmark.subject) is skipped: \(reason)")
        continue
    }
    do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try await benchmark.run(report)
    } catch is CancellationError {
        report.remark("interrupted")
        try? FileManager.default.removeItem(atPath: folder)
        exit(130)
    } catch {
        report.remark("\(benchmark.subject) failed: \(error)")
        failed = true
    }
    try? FileManager.default.removeItem(atPath: folder)
}
exit(failed ? 1 : 0)
