// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulationKit

exit(Simulation(CommandLine.arguments.dropFirst()).run())
