// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import ImpresarioModel

extension TimeToLive: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Lease.Ending: ExpressibleByArgument {}

extension Price: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Role: ExpressibleByArgument {}

extension ImpresarioModel.Operation.Aftermath: ExpressibleByArgument {}

extension Host.State: ExpressibleByArgument {
    public static let allValueStrings = ["ready", "cordoned", "draining"]
}
