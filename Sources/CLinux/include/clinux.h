// SPDX-License-Identifier: Apache-2.0
/* Linux calls that Swift cannot make itself. */
#ifndef CLINUX_H
#define CLINUX_H
#endif
