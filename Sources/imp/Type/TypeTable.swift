// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension Table {
    init(_ types: [TypeView]) {
        self.init(
            columns: ["TYPE", "NAME", "PLUGIN", "STATE", "SUMMARY"],
            rows: types.map {
                [$0.type.id, $0.type.name, "\($0.plugin.id) \($0.plugin.version)", $0.enabled ? "enabled" : "disabled", $0.type.summary]
            })
    }
}

extension TypeView {
    /// All that a person needs to write `create` and `do`.
    var text: String {
        let fields = Fields([
            ("type", type.id), ("name", type.name), ("summary", type.summary), ("plugin", "\(plugin.id) \(plugin.version)"),
            ("state", enabled ? "enabled" : "disabled"),
            ("capabilities", type.capabilities.isEmpty ? nil : type.capabilities.joined(separator: " ")),
            ("changeable", type.updateSchema.map { SchemaParameters.read($0).map { "--\($0.flag)" }.joined(separator: " ") }),
        ])
        var text = fields.render()
        text += "\nPARAMETERS (imp cluster create NAME --type \(type.id) ...):\n"
        text += ParameterHelp.render(SchemaParameters.read(type.createSchema))
        if !type.operations.isEmpty { text += "\nOPERATIONS (imp cluster do NAME OPERATION ...):\n" }
        for operation in type.operations {
            text += "  \(operation.id)\n" + operation.about.map { "      \($0)\n" }.joined()
            guard !operation.flags.isEmpty else { continue }
            text += ParameterHelp.render(operation.flags).split(separator: "\n").map { "    \($0)\n" }.joined()
        }
        return text
    }
}

extension TypedOperation {
    /// What it does and what to know before, a line each.
    var about: [String] {
        var lines = ParameterHelp.wrap(Table.printable(summary), width: 74)
        if isDestructive { lines.append("It cannot be undone.") }
        if isLong { lines.append("It takes a while.") }
        if let since { lines.append("Since version \(Table.printable(since)) of the plugin.") }
        if let deprecated { lines += ParameterHelp.wrap("Deprecated: \(Table.printable(deprecated))", width: 74) }
        for result in parameters where result.isOut {
            let about = Table.printable(result.summary)
            lines += ParameterHelp.wrap("Answers \(result.name)\(about.isEmpty ? "" : ": \(about)")", width: 74)
        }
        return lines
    }
}
