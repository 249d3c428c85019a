// SPDX-License-Identifier: Apache-2.0
#include "clinux.h"
typedef int clinux_not_empty;
