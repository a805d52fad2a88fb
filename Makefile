# What can be done here; `make` lists it. Build output stays outside the checkout.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/trao-target
export TRAO_TEST_TOOLS ?= $(HOME)/.cache/trao-tools
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
DEMO_DIR ?= demo-data
DEMO_FLAGS ?=
SECONDS_EACH ?= 600

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: demo
demo: build-packages ## builds a release binary and shows a real result published, sealed, handed over
	cargo build --release --locked
	exec "$(CARGO_TARGET_DIR)/release/trao" demo --dir "$(DEMO_DIR)" $(DEMO_FLAGS)

.PHONY: test
test: tools check deny ## everything that CI runs: checks, unit and integration tests on real parts
	cargo test --locked --all-targets
	cargo test --locked --doc
	scripts/fuzz.sh 4

.PHONY: check
check: build-packages ## format, lints, documentation: quick
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

.PHONY: deny
deny: ## licences, sources and bans of the dependencies
	"$(TRAO_TEST_TOOLS)/bin/cargo-deny" --locked check bans licenses sources

.PHONY: advisories
advisories: ## known vulnerabilities of the dependencies; needs the advisory database
	"$(TRAO_TEST_TOOLS)/bin/cargo-deny" --locked check advisories

.PHONY: bench
bench: build-packages ## signing, the gate, a download: a table with the floor and other libraries beside it
	scripts/install-test-tools.sh
	cargo build --release --locked --manifest-path benches/peers/Cargo.toml
	TRAO_BENCH_UNDERSKRIFT="$(CARGO_TARGET_DIR)/release/trao-peers" cargo bench --locked

.PHONY: corpus
corpus: corpus-folder build-packages ## DIR=folder: seals every PDF of a folder and lets qpdf, pdfsig and pyHanko judge
	scripts/install-test-tools.sh
	cargo build --release --locked
	"$(TRAO_TEST_TOOLS)/judges/bin/python" scripts/corpus.py "$(DIR)" \
		--trao "$(CARGO_TARGET_DIR)/release/trao" --keep "$(CARGO_TARGET_DIR)/corpus-failed"

.PHONY: corpus-folder
corpus-folder:
	@[[ -d "$(DIR)" ]] || { echo "make corpus DIR=folder: there is no folder '$(DIR)'" >&2; exit 2; }

.PHONY: fuzz
fuzz: build-packages ## every parser against a fuzzer, SECONDS_EACH (by default 600)
	TRAO_FUZZ="$(CARGO_TARGET_DIR)/fuzz/state" scripts/fuzz.sh "$(SECONDS_EACH)"

.PHONY: tools
tools: ## the Debian packages, servers and judges that the tests start
	scripts/install-packages.sh build test
	scripts/install-test-tools.sh

.PHONY: build-packages
build-packages:
	scripts/install-packages.sh build

.PHONY: fmt
fmt: ## formats the code
	cargo fmt
