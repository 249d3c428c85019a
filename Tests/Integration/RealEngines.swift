// SPDX-License-Identifier: Apache-2.0

import Testing

/// Everything here runs the programs as built: brokers in processes of their own, real nodes, real engines, the plain client. One at a time,
/// since each has whole clusters running.
@Suite(.serialized, .enabled(if: Prerequisites.obstacle == nil, Prerequisites.comment), .timeLimit(.minutes(10)))
enum RealEngines {}
