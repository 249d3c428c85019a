// SPDX-License-Identifier: Apache-2.0

import Foundation
public import ImpresarioModel

extension LocalDriver {
    /// Networks of projects without nodes, old skeletons that no node stands on and, when there are no nodes, everything of the installation
    /// outside its folder. Package layers stay: they are a cache, and may be others' too.
    public func removeUnused() async throws(Problem) {
        try await asProblem {
            try await self.lock.hold(Self.leftovers) {
                let records = self.state.records()
                let projects = Set(records.map(\.specification.project))
                for fabric in self.network.fabrics() where !projects.contains(fabric.project) {
                    try await self.network.removeFabric(fabric.project)
                }
                let skeletons = Set(records.compactMap(\.skeleton))
                // The newest that is complete stays: the next node most likely stands on it.
                let newest = Disk.entries(self.state.skeletons).filter { !$0.contains(".") }.max {
                    Disk.changed("\(self.state.skeletons)/\($0)") < Disk.changed("\(self.state.skeletons)/\($1)")
                }
                for skeleton in Disk.entries(self.state.skeletons) where !skeletons.contains(skeleton) && skeleton != newest {
                    try Disk.remove("\(self.state.skeletons)/\(skeleton)")
                }
                guard Disk.entries(self.state.nodes).isEmpty else { return }
                if self.network.fabrics().isEmpty { try await self.network.applyHostRules() }
                // Groups that still hold something, such as another installation's, refuse to go.
                for root in self.cgroups.roots {
                    rmdir("\(root)/\(self.names.cgroup)")
                    rmdir("\(root)/impresario")
                }
                try Disk.remove(self.names.runtime)
            }
        }
    }
}
