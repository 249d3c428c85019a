// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct Completions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Print a completion script for bash, zsh or fish.",
        discussion: "Example: imp completions bash > ~/.local/share/bash-completion/completions/imp")

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var shell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "Your shell.")
    var shell: Kind

    func run() throws { Surroundings.current.out(Imp.completionScript(for: shell.shell) + "\n") }
}
