# Flyball's named actions. `make` or `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.DEFAULT_GOAL := help

# Tools are run at these versions and stay out of go.mod.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
BUF := github.com/bufbuild/buf/cmd/buf@v1.75.0
BENCHSTAT := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

# N is how many crashes `crash` and `consistency` cause.
N ?= 500
# IN is the full file of flights that `data` cuts its sample from.
IN ?=
# FUZZTIME is how long `fuzz` spends on each target.
FUZZTIME ?= 5s
# SOAKTIME is how long `soak` runs, MEMORY its memory goal in MiB.
SOAKTIME ?= 30m
MEMORY ?= 1024
# ENDURETIME is how long `endure` runs.
ENDURETIME ?= 10m
# COUNT is how often `bench` runs each benchmark; benchstat wants six or more.
COUNT ?= 1
# OLD is the earlier result that `bench` compares with, if any.
OLD ?=

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Compile every package, and the commands into bin/
	@mkdir -p bin
	go build ./...
	go list -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' ./... \
		| xargs go build -o bin/

.PHONY: test
test: ## Run all tests
	go test ./...

.PHONY: race
race: ## Run the short tests under the race detector
	go test -race -short ./...

.PHONY: lint
lint: ## Check format, vet, staticcheck, schemas and the house rules
	@unformatted=$$(gofmt -l .); if [[ -n $$unformatted ]]; then \
		echo "not gofmt'ed:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...
	go run $(BUF) lint
	go test ./test/check

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME (5s)
	@{ grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . || true; } | sort -u \
	| while IFS=: read -r file decl; do \
		target=$${decl#func }; echo "== $$target in $${file%/*}"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$${file%/*}" </dev/null; \
	done

.PHONY: bench
bench: ## Run the benchmarks COUNT times (1), compare with OLD=file if given; result in out/bench.txt
	@mkdir -p out
	go test -run '^$$' -bench . -count $(COUNT) -timeout 60m ./test/bench/... | tee out/bench.txt
	go test -run '^$$' -bench Aggregate -count $(COUNT) ./dataflow/window | tee -a out/bench.txt
	@if [[ -n "$(OLD)" ]]; then go run $(BENCHSTAT) "$(OLD)" out/bench.txt; fi

# EVENTS and RUNS are how many events each trial of `nexmark` has and how many
# trials of a kind there are; LONG events are for what happens to memory. QUERY
# picks queries, such as q0,q5.
EVENTS ?= 3000000
RUNS ?= 3
LONG ?= 20000000
QUERY ?=

.PHONY: nexmark
nexmark: ## Measure the queries of Nexmark; table, pictures and results in out/nexmark (half an hour)
	go run ./test/nexmark/measure -n $(EVENTS) -runs $(RUNS) -long $(LONG) -query "$(QUERY)" \
		-out out/nexmark

.PHONY: generate
generate: ## Regenerate Go from the schemas in proto/
	go run $(BUF) generate --template proto/buf.gen.yaml

.PHONY: check
check: generate ## Everything a change must pass: generated code up to date, lint, test
	git diff --exit-code
	$(MAKE) lint test

.PHONY: data
data: ## Recut the sample of flights from IN=flights-3m.csv.gz
	@[[ -n "$(IN)" ]] || { echo "make data needs IN=path of the full file"; exit 2; }
	go run ./test/sample -in "$(IN)" -out examples/flights/data/flights-sample.csv.gz

.PHONY: crash
crash: ## Kill a running flow N times (500) and compare its output with an undisturbed run
	go test ./test/e2e -count=1 -timeout 0 -run TestCrash -crash.n=$(N)

.PHONY: consistency
consistency: ## Move money between accounts and look for a total other than 0, through N (500) kills
	go test ./test/consistency -count=1 -timeout 0 -v -kills=$(N)

.PHONY: memory
memory: ## Run the flights of IN=file through a sink slowed to 1/100, memory in out/memory.csv (minutes)
	@mkdir -p out
	go test ./test/bench -count=1 -timeout 60m -v -run TestMemory \
		-memory.in=$(abspath $(IN)) -memory.out=$(CURDIR)/out/memory.csv

.PHONY: endure
endure: ## Kill a flow at random for ENDURETIME (10m) and compare its output with the oracle
	go test ./test/e2e -count=1 -timeout 0 -run TestSoak -soak.time=$(ENDURETIME)

# POLICYRUNS is how often `governor` runs each setting with each policy, OPERATOR
# picks operators, such as running,join, and SECTION parts: saturated, batches,
# lengths, open, goals, grid.
POLICYRUNS ?= 5
OPERATOR ?=
SECTION ?=

.PHONY: governor
governor: ## Compare no policy, Spark's PID and the governor; tables and pictures in out/governor (two hours)
	go run ./test/governor/measure -runs $(POLICYRUNS) -operator "$(OPERATOR)" -section "$(SECTION)" \
		-in "$(IN)" -out out/governor

.PHONY: soak
soak: ## Overload the governor for SOAKTIME (30m), with a sink that stalls, within MEMORY (1024 MiB)
	go run ./test/governor/measure -soak $(SOAKTIME) -memory $(MEMORY)
