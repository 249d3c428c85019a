# SPDX-License-Identifier: Apache-2.0

SHELL := /bin/bash
SWIFT ?= swift
CONFIGURATION ?= release
PREFIX ?= /usr/local
SEEDS ?= 200
DESTDIR ?=
# Of programs that are built already; make install builds them when it is not said.
BIN ?=
STRICT := --explicit-target-dependency-import-check error
OWN := Package.swift Sources Plugins Tests

.PHONY: help demo test build install uninstall bench fuzz format lint needs clean

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: build ## a real broker, a real cluster seen working, everything cleaned up (needs root or sudo)
	@samples/quickstart/demo "$$($(SWIFT) build --show-bin-path)"

test: lint ## every check and test; what needs an engine or root that is missing is skipped with its reason
	@echo "== building with tests (the first time takes several minutes)"
	@$(SWIFT) build --build-tests $(STRICT)
	@echo "== testing"
	@.ci/test "$(SWIFT)"

build: needs ## debug build of broker, command line, guest host and plugins
	@echo "== building (the first time takes several minutes)"
	@$(SWIFT) build $(STRICT)

install: ## programs, plugins, headers, SDKs and templates under PREFIX=/usr/local (CONFIGURATION=debug for a debug build)
	@[ -n "$(BIN)" ] || $(SWIFT) build -c $(CONFIGURATION) $(STRICT)
	@.ci/install "$(or $(BIN),$$($(SWIFT) build -c $(CONFIGURATION) --show-bin-path))" "$(PREFIX)" "$(DESTDIR)"

uninstall: ## removes what make install laid down
	@.ci/install --remove "$(PREFIX)" "$(DESTDIR)"

bench: needs ## figures, one line each: name value unit (CONFIGURATION=debug for a quick look, SUBJECT=swarm for one subject)
	@$(SWIFT) build -c $(CONFIGURATION)
	@"$$($(SWIFT) build -c $(CONFIGURATION) --show-bin-path)/Benchmarks" $(SUBJECT)

fuzz: ## feeds the guest host broken frames until it is interrupted or finds something (libFuzzer of Swift's clang)
	@mkdir -p .build/guest-corpus
	@clang -std=gnu11 -D_GNU_SOURCE -DLIBFUZZER -O1 -g -fuse-ld=lld -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-ISources/CImpresario/include -ISources/CLinux/include -ISources/GuestHost Tests/Fuzz/guest.c -lffi -ldl -o .build/guest-fuzz
	@ASAN_OPTIONS=detect_leaks=0 .build/guest-fuzz -max_len=65536 -artifact_prefix=.build/guest-fuzz- .build/guest-corpus

simulate: needs ## brokers that die at every call, and random histories: SEEDS=200, or one with SEED=n; see docs/simulation.md
	@$(SWIFT) build -c $(CONFIGURATION) --product Simulation
	@"$$($(SWIFT) build -c $(CONFIGURATION) --show-bin-path)/Simulation" $(or $(ARGUMENTS),$(if $(SEED),--seed $(SEED),--seeds $(SEEDS)))

format: ## formats the project's own Swift
	@$(SWIFT) format format -i -r $(OWN)

lint: needs ## style, strictly
	@echo "== linting"
	@$(SWIFT) format lint --strict -r $(OWN)

needs: ## the Debian packages that building and running take
	@.ci/needs

clean: ## removes what was built
	rm -rf .build
