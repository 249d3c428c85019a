// SPDX-License-Identifier: Apache-2.0

import ImpresarioModel

extension PluginContext {
    /// The document as ``CanonicalJSON`` would encode it. It is written for every call, so by hand.
    func document() throws(Problem) -> [UInt8] {
        var writer = JSONWriter()
        try writer.object { writer throws(Problem) in
            writer.name("args")
            try writer.value(args)
            writer.name("cluster")
            try cluster.write(to: &writer)
            writer.name("endpoints")
            try writer.array { writer throws(Problem) in for endpoint in endpoints { try endpoint.write(to: &writer) } }
            writer.name("nodes")
            try writer.array { writer throws(Problem) in for node in nodes { try node.write(to: &writer) } }
            writer.name("operation")
            try operation.write(to: &writer)
            writer.name("v")
            writer.integer(v)
        }
        return writer.bytes
    }
}

extension PluginContext.OperationView {
    fileprivate func write(to writer: inout JSONWriter) throws(Problem) {
        try writer.object { writer throws(Problem) in
            writer.name("attempt")
            writer.integer(attempt)
            writer.name("id")
            writer.string(id)
            writer.name("kind")
            writer.string(kind)
        }
    }
}

extension PluginContext.ClusterView {
    fileprivate func write(to writer: inout JSONWriter) throws(Problem) {
        try writer.object { writer throws(Problem) in
            writer.name("id")
            writer.string(id)
            writer.name("labels")
            try writer.object { writer throws(Problem) in
                for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
                    writer.name(name)
                    writer.string(value)
                }
            }
            writer.name("name")
            writer.string(name)
            writer.name("network")
            writer.string(network)
            writer.name("params")
            try writer.value(params)
            if let version {
                writer.name("version")
                writer.string(version)
            }
        }
    }
}

extension PluginContext.NodeView {
    fileprivate func write(to writer: inout JSONWriter) throws(Problem) {
        try writer.object { writer throws(Problem) in
            writer.name("address")
            writer.string(address)
            writer.name("flavor")
            try writer.object { writer throws(Problem) in
                writer.name("cpu")
                writer.integer(flavor.cpu)
                writer.name("disk")
                writer.integer(flavor.disk)
                writer.name("memory")
                writer.integer(flavor.memory)
            }
            for (name, value) in [("group", group), ("host", host), ("id", id), ("name", self.name)] {
                writer.name(name)
                writer.string(value)
            }
            writer.name("ordinal")
            writer.integer(ordinal)
            for (name, value) in [("role", role), ("state", state), ("zone", zone)] {
                writer.name(name)
                writer.string(value)
            }
        }
    }
}

extension PluginContext.EndpointView {
    fileprivate func write(to writer: inout JSONWriter) throws(Problem) {
        try writer.object { writer throws(Problem) in
            writer.name("addresses")
            try writer.array { writer throws(Problem) in for address in addresses { writer.string(address) } }
            writer.name("name")
            writer.string(name)
            writer.name("port")
            writer.integer(port)
        }
    }
}
