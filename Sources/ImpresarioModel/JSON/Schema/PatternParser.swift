// SPDX-License-Identifier: Apache-2.0

struct PatternError: Error {
    let message: String
}

/// A pattern as a tree.
indirect enum PatternTree {
    case empty
    case scalar(ScalarSet)
    case start
    case end
    case sequence([PatternTree])
    case either([PatternTree])
    /// `upTo` nil: without end.
    case repeated(PatternTree, from: Int, upTo: Int?)
}

struct PatternParser {
    private static let deepest = 32
    private var rest: ArraySlice<Unicode.Scalar>
    private var depth = 0

    init(_ source: String) { rest = Array(source.unicodeScalars)[...] }

    mutating func parse() throws(PatternError) -> PatternTree {
        let tree = try alternatives()
        guard rest.isEmpty else { throw PatternError(message: "a ')' has no '('") }
        return tree
    }

    private mutating func alternatives() throws(PatternError) -> PatternTree {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .either(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternTree {
        var parts: [PatternTree] = []
        while let next = rest.first, next != "|", next != ")" { parts.append(try quantified()) }
        return parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func quantified() throws(PatternError) -> PatternTree {
        let atom = try self.atom()
        guard let bounds = try quantifier() else { return atom }
        // Whether as few or as many as possible are taken makes no difference to whether it matches.
        _ = take("?")
        if try quantifier() != nil || rest.first == "+" { throw PatternError(message: "two quantifiers follow each other") }
        switch atom {
        case .start, .end: throw PatternError(message: "an anchor cannot be repeated")
        default: return .repeated(atom, from: bounds.0, upTo: bounds.1)
        }
    }

    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        guard let from = number() else { throw PatternError(message: "'{' needs a number; write \\{ for the character") }
        var upTo: Int? = from
        if take(",") { upTo = rest.first == "}" ? nil : number() ?? -1 }
        guard take("}"), upTo.map({ $0 >= from }) ?? true else { throw PatternError(message: "the bounds in '{…}' are not m, m, or m,n") }
        return (from, upTo)
    }

    private mutating func number() -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(digits.count)
        guard (1...4).contains(digits.count) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1.value - 0x30) }
    }

    private mutating func atom() throws(PatternError) -> PatternTree {
        guard let next = rest.popFirst() else { return .empty }
        switch next {
        case "^": return .start
        case "$": return .end
        case ".": return .scalar(.any)
        case "[": return .scalar(try characterClass())
        case "(": return try group()
        case "\\": return .scalar(try escape())
        case "*", "+", "?", "{": throw PatternError(message: "'\(next)' repeats nothing")
        default: return .scalar(.one(next))
        }
    }

    private mutating func group() throws(PatternError) -> PatternTree {
        if take("?") { guard take(":") else { throw PatternError(message: "'(?' is known as '(?:' only") } }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw PatternError(message: "groups are nested more than \(Self.deepest) deep") }
        let tree = try alternatives()
        guard take(")") else { throw PatternError(message: "a '(' has no ')'") }
        return tree
    }

    private mutating func escape() throws(PatternError) -> ScalarSet {
        guard let next = rest.popFirst() else { throw PatternError(message: "it ends with a backslash") }
        switch next {
        case "d": return .digits
        case "w": return .word
        case "s": return .space
        case "D": return ScalarSet(ranges: ScalarSet.digits.ranges, isNegated: true)
        case "W": return ScalarSet(ranges: ScalarSet.word.ranges, isNegated: true)
        case "S": return ScalarSet(ranges: ScalarSet.space.ranges, isNegated: true)
        case "n": return .one("\n")
        case "r": return .one("\r")
        case "t": return .one("\t")
        default:
            guard next.isASCII, !next.properties.isAlphabetic, !("0"..."9").contains(next) else {
                throw PatternError(message: "'\\\(next)' is not known")
            }
            return .one(next)
        }
    }

    private mutating func characterClass() throws(PatternError) -> ScalarSet {
        var set = ScalarSet(ranges: [], isNegated: take("^"))
        while let next = rest.popFirst() {
            if next == "]" {
                guard !set.ranges.isEmpty else { throw PatternError(message: "'[]' holds nothing") }
                return set
            }
            let first = next == "\\" ? try escape() : .one(next)
            guard rest.first == "-", let end = rest.dropFirst().first, end != "]" else {
                set.ranges += first.positive
                continue
            }
            rest = rest.dropFirst(2)
            let last = end == "\\" ? try escape() : .one(end)
            guard let low = first.single, let high = last.single, low <= high else {
                throw PatternError(message: "a range in '[…]' does not go upwards from one character to another")
            }
            set.ranges.append(low...high)
        }
        throw PatternError(message: "a '[' has no ']'")
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest = rest.dropFirst()
        return true
    }
}

extension ScalarSet {
    fileprivate var single: UInt32? {
        guard !isNegated, ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}
