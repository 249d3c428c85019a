// SPDX-License-Identifier: Apache-2.0

import Foundation

@main
enum Entry {
    static func main() async {
        let status = await Imp.run(arguments: Array(CommandLine.arguments.dropFirst()))
        exit(status.rawValue)
    }
}
