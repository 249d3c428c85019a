// SPDX-License-Identifier: Apache-2.0
/* Compiled once as C, so that a broken header breaks the build. */
#include "impresario/plugin.h"
