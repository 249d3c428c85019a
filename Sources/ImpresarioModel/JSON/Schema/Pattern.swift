// SPDX-License-Identifier: Apache-2.0

/// A regular expression that is matched in time proportional to text and pattern, whatever they are.
///
/// Patterns come from plugins and texts from tenants; a backtracking engine would let either stop the broker. So this runs all ways at once
/// (Thompson's construction) and knows only what that can do: literals, `.`, classes, groups, `|`, `* + ?`, `{m,n}`, `^` and `$`, and the
/// escapes `\d \w \s` and their complements. As in JSON Schema it is found anywhere in the text unless anchored.
struct Pattern: Sendable {
    enum Instruction: Sendable {
        case scalar(ScalarSet)
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        case match
    }

    static let longestProgram = 2000

    let source: String
    let program: [Instruction]

    /// - Throws: `plugin-invalid` that says what is not understood.
    init(_ source: String, field: String) throws(Problem) {
        do {
            var parser = PatternParser(source)
            program = try PatternCompiler.compile(try parser.parse(), limit: Self.longestProgram)
        } catch {
            throw Problem(
                .pluginInvalid, "The pattern '\(source.prefix(80))' cannot be used: \(error.message).", field: field,
                remedy: "Use literals, classes, groups, alternatives, * + ? {m,n}, ^ and $.")
        }
        self.source = source
    }

    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var current = Threads(capacity: program.count)
        var next = Threads(capacity: program.count)
        for position in 0...scalars.count {
            // A match may begin here.
            if add(0, to: &current, position: position, count: scalars.count) { return true }
            guard position < scalars.count else { break }
            next.removeAll()
            for pointer in current.list {
                guard case .scalar(let set) = program[pointer], set.contains(scalars[position]) else { continue }
                if add(pointer + 1, to: &next, position: position + 1, count: scalars.count) { return true }
            }
            swap(&current, &next)
        }
        return false
    }

    /// Follows what consumes nothing. Returns true when that leads to the end of the pattern.
    private func add(_ pointer: Int, to threads: inout Threads, position: Int, count: Int) -> Bool {
        var stack = [pointer]
        while let pointer = stack.popLast() {
            guard threads.insert(pointer) else { continue }
            switch program[pointer] {
            case .match: return true
            case .jump(let target): stack.append(target)
            case .split(let first, let second): stack += [second, first]
            case .start: if position == 0 { stack.append(pointer + 1) }
            case .end: if position == count { stack.append(pointer + 1) }
            case .scalar: threads.list.append(pointer)
            }
        }
        return false
    }

    private struct Threads {
        /// Those that wait for a character.
        var list: [Int] = []
        private var seen: [Bool]

        init(capacity: Int) { seen = Array(repeating: false, count: capacity) }

        mutating func insert(_ pointer: Int) -> Bool {
            if seen[pointer] { return false }
            seen[pointer] = true
            return true
        }

        mutating func removeAll() {
            list.removeAll(keepingCapacity: true)
            for index in seen.indices { seen[index] = false }
        }
    }
}

/// A set of characters by ranges of their scalar values.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>]
    var isNegated = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }

    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    static let space = ScalarSet(ranges: [0x09...0x0d, 0x20...0x20, 0xa0...0xa0, 0x2028...0x2029])
    /// Everything but line ends.
    static let any = ScalarSet(ranges: [0x0a...0x0a, 0x0d...0x0d, 0x2028...0x2029], isNegated: true)

    static func one(_ scalar: Unicode.Scalar) -> ScalarSet { ScalarSet(ranges: [scalar.value...scalar.value]) }

    /// The ranges that this set holds, also when it is negated.
    var positive: [ClosedRange<UInt32>] {
        guard isNegated else { return ranges }
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        return result + [next...0x10ffff]
    }
}
