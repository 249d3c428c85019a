// SPDX-License-Identifier: Apache-2.0

import CLinux
import Foundation
import Glibc
import GuestTesting
import Testing

/// The guest's side of large payloads, with the test in the broker's place.
@Suite struct SealedFileTests {
    private func with(_ body: (RawGuest) throws -> Void) async throws {
        let folder = try GuestFixture.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let guest = RawGuest(library: try await GuestFixture.build("probe", into: folder))
        try #require(guest.receive(kind: 1) != nil)
        try body(guest)
    }

    private func frame(kind: UInt8 = 16, flags: UInt8 = 2, call: UInt64 = 1, size: UInt64) -> [UInt8] {
        [1, kind, flags, 0] + little(UInt32(8)) + little(call) + little(UInt64(0)) + little(size)
    }

    @Test func anInvocationInAFileIsServedAndALargeResultComesInOne() async throws {
        try await with { guest in
            let payload = invocation("give back", filledTo: 500_000)
            let file = clinux_sealed_make(payload, payload.count)
            defer { close(file) }
            guest.send(frame(size: UInt64(payload.count)), descriptors: [file])
            let result = try #require(guest.receive(kind: 3))
            let size = result[24...].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
            #expect(result.count == 32 && result[2] == 2 && guest.file >= 0 && size > 500_000)
            #expect(clinux_sealed_check(guest.file, size) == 0)
            // It has the rights of a reader and of nobody else: it cannot be made executable, changed or unsealed.
            #expect(ftruncate(guest.file, 0) == -1)
            guest.hangUp()
            #expect(guest.end() == 0)
        }
    }

    @Test func smallMessagesInFilesAreTakenToo() async throws {
        try await with { guest in
            for call in 1...300 as ClosedRange<UInt64> {  // more than it may have open at once
                let payload = invocation("nothing")
                let file = clinux_sealed_make(payload, payload.count)
                guest.send(frame(call: call, size: UInt64(payload.count)), descriptors: [file])
                close(file)
                #expect(guest.receive(kind: 3) != nil)
            }
            guest.hangUp()
            #expect(guest.end() == 0)
        }
    }

    private enum Fault: CaseIterable {
        case unsealed, otherSize, beyondTheBound, none, two, pipe, folder, uninvited, more, cancel
    }

    @Test(arguments: Fault.allCases.indices) func anotherFileEndsIt(index: Int) async throws {
        try await with { guest in
            let payload = invocation("nothing")
            let sealed = clinux_sealed_make(payload, payload.count)
            defer { close(sealed) }
            let size = UInt64(payload.count)
            switch Fault.allCases[index] {
            case .unsealed:
                let file = unsealedFile(payload)
                guest.send(frame(size: size), descriptors: [file])
                ftruncate(file, 0)
                close(file)
            case .otherSize: guest.send(frame(size: size + 1), descriptors: [sealed])
            case .beyondTheBound: guest.send(frame(size: 1 << 30), descriptors: [sealed])
            case .none: guest.send(frame(size: size), descriptors: [])
            case .two: guest.send(frame(size: size), descriptors: [sealed, sealed])
            case .pipe: guest.send(frame(size: size), descriptors: [guest.socket])
            case .folder:
                let folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                guest.send(frame(size: size), descriptors: [folder])
                close(folder)
            case .uninvited:
                guest.send(
                    [1, 16, 0, 0] + little(UInt32(payload.count)) + little(UInt64(1)) + little(UInt64(0)) + payload, descriptors: [sealed])
            case .more: guest.send(frame(flags: 3, size: size), descriptors: [sealed])
            case .cancel: guest.send(frame(kind: 19, size: size), descriptors: [sealed])
            }
            #expect(guest.end() == 70)
        }
    }
}
