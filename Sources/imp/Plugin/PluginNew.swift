// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ImpresarioModel

struct PluginNew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Begin a plugin: a small one that works, to be changed into yours.",
        discussion: "It needs no broker. Example: imp plugin new --language c heartbeat")

    enum Language: String, ExpressibleByArgument, CaseIterable {
        case c, cpp, rust, swift
    }

    @Option(name: .shortAndLong, help: "What it is written in.")
    var language: Language

    @Argument(help: "The plugin's and its type's id: a DNS label that begins with a letter.")
    var name: String

    @Option(help: ArgumentHelp("The folder to make; NAME here when it is not said.", valueName: "folder"), completion: .directory)
    var into: String?

    func run() async throws {
        try Name.check(name, field: "name")
        guard name.first?.isLetter == true else {
            throw Problem(.invalidName, "'\(name)' begins with a digit; as a name in a program it must begin with a letter.", field: "name")
        }
        let share = try SharedFolder.find(environment: Surroundings.current.environment)
        let folder = into ?? name
        let template = ProjectTemplate(source: "\(share)/templates/\(language.rawValue)", values: Self.values(name: name, share: share))
        try template.write(to: folder)
        Surroundings.current.out(
            """
            \(folder) is a plugin that works; README.md says what is where. Next:

                cd \(Shell.word(folder))
                make            # builds the library
                make verify     # checks it and gives it a grade

            The guide: \(share)/doc/plugin-author-guide.md

            """)
    }

    /// What stands for `@NAME@` and so on in a template's files and their names.
    static func values(name: String, share: String) -> [String: String] {
        let words = name.split(separator: "-").map(String.init)
        let identifier = words.joined(separator: "_")
        return [
            "NAME": name, "IDENT": identifier, "ENV": identifier.uppercased(),
            "TYPE": words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(), "SHARE": share,
        ]
    }
}
