// SPDX-License-Identifier: Apache-2.0

import GuestTesting
import ImpresarioModel
import ImpresarioPlugins
import Testing
