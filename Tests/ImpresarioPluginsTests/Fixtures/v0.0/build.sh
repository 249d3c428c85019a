#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How the libraries beside this file were built, once, with the header as it was then. For the record, and as a pattern for the next minor's folder.
set -eu
cd "$(dirname "$0")"
header=${1:?usage: build.sh FOLDER-WITH-impresario/plugin.h}
flags="-shared -fPIC -fvisibility=hidden -O2 -Wall -Wextra -Werror -Wl,-z,defs,-z,relro,-z,now,--build-id=none -I $header"
for name in plain kinds; do
    cc -std=c11 $flags -o $name.so $name.c
done
c++ -std=c++17 $flags -o classes.so classes.cpp
strip --strip-unneeded ./*.so
