// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct ClusterNoun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Dedicated clusters: make, use and give back.",
        subcommands: [
            ClusterCreate.self, ClusterList.self, ClusterShow.self, ClusterResize.self, ClusterUpgrade.self, ClusterLabel.self,
            ClusterRepair.self,
            ClusterHibernate.self, ClusterWake.self, ClusterExtend.self,
            ClusterDelete.self, ClusterEnv.self, ClusterCredentials.self,
            ClusterBindings.self, ClusterRevoke.self, ClusterNodes.self, ClusterEvents.self, ClusterDo.self,
        ])
}
