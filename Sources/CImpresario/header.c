// SPDX-License-Identifier: Apache-2.0
#include "impresario/plugin.h"
