// SPDX-License-Identifier: Apache-2.0

/// Written by the Makefile.
let pluginVersion = "1.0.0"
