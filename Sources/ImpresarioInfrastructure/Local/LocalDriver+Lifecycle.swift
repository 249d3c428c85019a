// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

extension LocalDriver {
    public func create(_ node: NodeSpecification) async throws(Problem) {
        try await asProblem {
            try self.check(node)
            // Fetching can take long and is nobody's state; so it stands outside the lock, and a wrong package leaves nothing behind.
            async let skeleton = self.skeleton.ensure()
            let layers =
                node.packages.isEmpty
                ? [try await self.layers.ensure(PackageLayers.base)]
                : [try await self.layers.ensure(node.packages), try await self.layers.ensure(PackageLayers.base)]
            let root = try await skeleton
            try await self.lock.hold(node.id.rawValue) { try await self.make(node, skeleton: root, layers: layers) }
        }
    }

    private func check(_ node: NodeSpecification) throws {
        try Name.check(node.id.rawValue, field: "id")
        try Name.check(node.project.rawValue, field: "project")
        try Name.check(node.name, field: "name")
        for (name, address) in node.peers {
            try Name.check(name, field: "peers")
            guard IPv4Address(address) != nil else {
                throw Problem(.infrastructure, "'\(address.prefix(40))' of \(name) is not an IPv4 address.", field: "peers", owner: .admin)
            }
        }
        let memory = node.resources[ResourceVector.memory]
        let disk = node.resources[ResourceVector.disk]
        guard node.resources[ResourceVector.cpu] > 0, memory >= 32 << 20, disk >= NodeDisk.smallest else {
            throw Problem(
                .infrastructure, "A node needs cpu, at least 32Mi of memory and 64Mi of disk; this one has \(node.resources).",
                owner: .admin,
                remedy: "Use another flavor.")
        }
    }

    private func make(_ node: NodeSpecification, skeleton: String, layers: [String]) async throws {
        let folder = state.node(node.id)
        var known = try folder.read()
        if known?.phase == .destroying {
            try await remove(node.id)
            known = nil
        }
        let updatesHosts = known.map { $0.phase == .made && $0.specification.peers != node.peers } ?? false
        var record = known ?? NodeRecord(specification: node, phase: .making, skeleton: skeleton, layers: layers)
        if record.phase == .making {
            record = NodeRecord(specification: node, phase: .making, skeleton: skeleton, layers: layers)
        } else {
            guard record.specification.agrees(with: node) else {
                throw Problem(.conflict, "The node \(node.id) exists with another specification.", owner: .infrastructure)
            }
            record.specification = node
        }
        if record != known {
            let skeleton = record.skeleton ?? skeleton
            // Under one lock with ``removeUnused()``: what no record names may go at any time.
            try await lock.hold(Self.leftovers) {
                guard Disk.exists("\(state.skeletons)/\(skeleton)") else {
                    throw Problem(.infrastructure, "The node's root was cleared away while it was being made. Try again.")
                }
                try folder.write(record)
            }
        }
        try await network.ensureFabric(node)
        async let networking: Void = network.ensureNode(node)
        try await NodeDisk.make(folder, record, layers: record.layers)
        try await networking
        try await network.applyFabricRules(node.project)
        if record.phase == .making {
            record.phase = .made
            try folder.write(record)
        }
        try await run(record)
        if updatesHosts {
            try await put([NodeFile(path: "/etc/hosts", content: Data(NodeFiles.hosts(node).utf8))], on: node.id)
        }
    }

    public func start(_ node: ID<Node>) async throws(Problem) {
        try await asProblem {
            try await self.lock.hold(node.rawValue) {
                let record = try self.record(node)
                try await self.network.ensureFabric(record.specification)
                try await self.network.ensureNode(record.specification)
                try await self.network.applyFabricRules(record.specification.project)
                try await self.network.applyHostRules()
                try await self.run(record)
            }
        }
    }

    public func stop(_ node: ID<Node>, grace: Duration) async throws(Problem) {
        try await asProblem {
            try await self.lock.hold(node.rawValue) {
                _ = try self.record(node)
                if let process = self.initProcess(node) {
                    kill(process, SIGTERM)
                    let deadline = ContinuousClock.now + grace
                    while self.initProcess(node) == process, ContinuousClock.now < deadline {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                try await self.removeContainer(node)
            }
        }
    }

    public func destroy(_ node: ID<Node>) async throws(Problem) {
        try await asProblem {
            try Name.check(node.rawValue, field: "node")
            try await self.lock.hold(node.rawValue) { try await self.remove(node) }
        }
    }

    private func remove(_ id: ID<Node>) async throws {
        let folder = state.node(id)
        // A record that cannot be read is no reason to keep the node.
        var record = (try? folder.read()) ?? nil
        if record != nil && record?.phase != .destroying {
            record?.phase = .destroying
            if let record { try folder.write(record) }
        }
        try await removeContainer(id)
        try await network.removeNode(id)
        if let project = record?.specification.project {
            try await network.applyFabricRules(project)
            if record?.exposed.isEmpty == false { try await network.applyHostRules() }
        }
        try await detach(folder.image)
        for entry in Disk.entries(folder.path) where "\(folder.path)/\(entry)" != folder.record {
            try Disk.remove("\(folder.path)/\(entry)")
        }
        try Disk.remove(folder.path)
    }

    public func list() async throws(Problem) -> [NodeStatus] {
        try await asProblem {
            // A node whose folder was lost still shows by its control groups.
            var found = Set(Disk.entries(self.state.nodes))
            for root in self.cgroups.roots {
                found.formUnion(
                    Disk.entries("\(root)/\(self.names.cgroup)").filter { Disk.exists("\(root)/\(self.names.cgroup)/\($0)/cgroup.procs") })
            }
            return found.filter(Name.isValid).sorted().map { name in
                let id = ID<Node>(name)
                let record = (try? self.state.node(id).read()) ?? nil
                let state: NodeStatus.State =
                    record?.phase != .made ? .partial : self.initProcess(id) == nil ? .stopped : .running
                return NodeStatus(id: id, cluster: record?.specification.cluster, state: state, share: record?.specification.share)
            }
        }
    }
}
