// SPDX-License-Identifier: Apache-2.0

/// Turns the tree of a pattern into a program, bounded in length because `{m,n}` is written out.
struct PatternCompiler {
    private let limit: Int
    private var program: [Pattern.Instruction] = []
    /// Parts written out; more than instructions where a part is empty.
    private var steps = 0

    static func compile(_ tree: PatternTree, limit: Int) throws(PatternError) -> [Pattern.Instruction] {
        var compiler = PatternCompiler(limit: limit)
        try compiler.emit(tree)
        return compiler.program + [.match]
    }

    private init(limit: Int) { self.limit = limit }

    private mutating func emit(_ tree: PatternTree) throws(PatternError) {
        steps += 1
        guard program.count < limit, steps < 4 * limit else {
            throw PatternError(message: "it is too large when its repetitions are written out")
        }
        switch tree {
        case .empty: break
        case .scalar(let set): program.append(.scalar(set))
        case .start: program.append(.start)
        case .end: program.append(.end)
        case .sequence(let parts):
            for part in parts { try emit(part) }
        case .either(let branches):
            var exits: [Int] = []
            for branch in branches.dropLast() {
                let split = program.count
                program.append(.jump(0))
                try emit(branch)
                exits.append(program.count)
                program.append(.jump(0))
                program[split] = .split(split + 1, program.count)
            }
            if let last = branches.last { try emit(last) }
            for exit in exits { program[exit] = .jump(program.count) }
        case .repeated(let part, let from, let upTo):
            try emitRepeated(part, from, upTo)
        }
    }

    private mutating func emitRepeated(_ part: PatternTree, _ from: Int, _ upTo: Int?) throws(PatternError) {
        for _ in 0..<from { try emit(part) }
        guard let upTo else {
            let split = program.count
            program.append(.jump(0))
            try emit(part)
            program.append(.jump(split))
            program[split] = .split(split + 1, program.count)
            return
        }
        var splits: [Int] = []
        for _ in from..<upTo {
            splits.append(program.count)
            program.append(.jump(0))
            try emit(part)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }
}
