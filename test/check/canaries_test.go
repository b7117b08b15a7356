package check

import (
	"fmt"
	"strings"
)

// canary is a repository of one file that breaks a rule.
type canary struct {
	path, source string
	want         string // part of the finding
}

const ours = Module + "/"

// flow is an example with the given step names.
func flow(names ...string) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport \"github.com/flyball-stream/flyball/dataflow\"\n\n" +
		"var Flow = dataflow.Define(\"a\", 0, func(g *dataflow.Graph, p string) {\n")
	for _, name := range names {
		fmt.Fprintf(&b, "\tdataflow.Map[string](g, %q, p)\n", name)
	}
	b.WriteString("})\n")
	return b.String()
}

// imports is a file of package p that imports path.
func imports(path string) string { return fmt.Sprintf("package p\n\nimport _ %q", path) }

// body is a file of package p that imports path and has a function of one statement.
func body(path, statement string) string {
	return fmt.Sprintf("package p\n\nimport %q\n\nfunc f() { %s }", path, statement)
}

// lines is n line ends.
func lines(n int) string { return strings.Repeat("\n", n) }

// canaries maps a rule to repositories of one file that break it.
var canaries = map[string][]canary{
	"layers": {
		{"dataflow/x.go", imports(ours + "actors"), "dataflow/** may not import actors"},
		{"governor/x.go", imports(ours + "dataflow"), "governor/** may not import dataflow"},
		{"proto/a/v1/x.go", imports(ours + "dataflow"), "proto/** may not import"},
		{"actors/x.go", imports(ours + "cluster"), "actors/** may not import cluster"},
		{"cluster/x.go", imports(ours + "examples/a"), "cluster/** may not import examples/a"},
		{"cluster/x.go", imports(ours + "test/bench"), "cluster/** may not import test/bench"},
		{"examples/a/x.go", imports(ours + "actors"), "examples/** may not import actors"},
		{"test/check/x.go", imports(ours + "dataflow"), "test/check may not import dataflow"},
		{"tools/x.go", "package tools", "outside the layers"},
	},
	"one-importer": {
		{"actors/x.go", imports("github.com/dgraph-io/badger/v4"), "badger"},
		{"actors/snapshot/x.go", imports("github.com/asynkron/protoactor-go/actor"), "protoactor"},
		{"actors/x.go", imports("github.com/hashicorp/memberlist"), "memberlist"},
		{"actors/x.go", imports("github.com/prometheus/client_golang/prometheus"), "prometheus"},
		{"examples/a/x.go", imports("github.com/urfave/cli/v3"), "cli"},
		{"dataflow/x.go", imports("github.com/klauspost/compress/zstd"), "compress"},
		{"dataflow/x.go", imports("github.com/fsnotify/fsnotify"), "fsnotify"},
		{"dataflow/x.go", imports("google.golang.org/protobuf/proto"), "protobuf"},
		{"governor/x.go", imports(ours + "proto/plan/v1"), "plan/v1"},
		{"cluster/x.go", imports("github.com/stretchr/testify"), "testify is not known"},
	},
	"pure": {
		{"dataflow/x.go", imports("os"), "may not import os"},
		{"dataflow/operator/x.go", imports("net/http"), "may not import net/http"},
		{"governor/x.go", imports("context"), "may not import context"},
	},
	"dot-imports": {
		{"actors/x_test.go", "package p\n\nimport . \"time\"", "dot import of time"},
	},
	"confinement": {
		{"cluster/x.go", "package p\n\nfunc f() { go f() }", "start goroutines"},
		{"cluster/x.go", body("sync", "var g sync.WaitGroup; g.Go(f)"), "start goroutines"},
		{"cluster/x.go", body("golang.org/x/sync/errgroup", "var _ errgroup.Group"), "start"},
		{"cluster/x.go", body("sync", "var m sync.Mutex; m.Lock()"), "may not lock"},
		{"cluster/x.go", body("sync", "var m sync.RWMutex; m.Lock()"), "may not lock"},
		{"cluster/x.go", body("sync", "sync.NewCond(nil)"), "may not lock"},
		{"cluster/x.go", body("sync/atomic", "var n atomic.Int64; n.Add(1)"), "use atomics"},
		{"actors/x.go", body("sync", "var p sync.Pool; p.Get()"), "pool memory"},
		{"actors/x.go", body("time", "time.Now()"), "wall clock"},
		{"actors/x.go", body("time", "now := time.Now; now()"), "wall clock"},
		{"actors/x.go", "package p\n\nimport t \"time\"\n\nvar c = t.After(1)", "wall clock"},
		{"actors/clock.go", body("sync", "var m sync.Mutex; m.Lock()"), "may not lock"},
		{"actors/x.go", body("fmt", "fmt.Println()"), "standard output"},
		{"actors/x.go", "package p\n\nfunc f() { println() }", "standard output"},
		{"actors/x.go", body("log", "log.Fatal()"), "global logger"},
		{"cluster/x.go", body("os", "os.Exit(1)"), "exit the process"},
		{"governor/x.go", body("math/rand/v2", "rand.IntN(3)"), "global random source"},
		{"governor/x.go", body("math/rand", "rand.Seed(3)"), "global random source"},
		{"actors/x.go", `package p; func f() { panic("no") }`, "may not panic"},
	},
	"no-sleep-in-tests": {
		{"actors/x_test.go", body("time", "time.Sleep(1)"), "time.Sleep"},
	},
	"file-length": {
		{"actors/x.go", "package p" + lines(maxFileLines+1), "601 lines, limit 600"},
		{"actors/x_test.go", "package p" + lines(maxTestFileLines+1), "901 lines, limit 900"},
	},
	"function-length": {
		{"actors/x.go", "package p\n\nfunc f() {" + lines(maxFuncLines) + "}", "f has 71 lines"},
		{"actors/x.go", "package p\n\nvar v = func() {" + lines(70) + "}", "71 lines"},
	},
	"parameters": {
		{"actors/x.go", "package p\n\nfunc f(a, b, c, d, e, f int) {}", "6 parameters"},
		{"actors/x.go", "package p\n\ntype F func(a, b, c int, d, e, f string)", "6 parameters"},
	},
	"interface-width": {
		{"actors/x.go", "package p\n\ntype I interface{ A(); B(); C(); D(); E(); F() }",
			"6 methods"},
	},
	"line-width": {
		{"actors/x.go", "package p\n\n// " + strings.Repeat("é", maxColumns-2), "121 columns"},
		{"actors/x.go", "package p\n\n\t// " + strings.Repeat("e", maxColumns-6), "121 columns"},
	},
	"p90": {
		{"actors/a.go", "package p" + lines(401), "p90 of files has 401"},
		{"actors/a.go", "package p\n\nfunc f() {" + lines(30) + "}\n", "p90 of functions has 31"},
	},
	"package-docs": {
		{"actors/x.go", "package p", "no package comment"},
		{"actors/x.go", "// Package p is documented elsewhere.\npackage p", "no package comment"},
		{"actors/doc.go", "//go:build linux\n\npackage p", "no package comment"},
		{"test/e2e/x_test.go", "package p", "no package comment"},
	},
	"exported-docs": {
		{"actors/x.go", "package p\n\nfunc F() {}", "exported F has"},
		{"actors/x.go", "package p\n\ntype T[K any] int\n\nfunc (t *T[K]) M() {}",
			"exported M has"},
		{"actors/x.go", "package p\n\ntype T int", "exported T has"},
		{"actors/x.go", "package p\n\n// Kinds.\ntype (\n\tT int\n)", "exported T has"},
		{"actors/x.go", "package p\n\nconst (\n\ta = 1\n\tC = 2\n)", "exported C has"},
		{"actors/x.go", "package p\n\n//go:noinline\nfunc F() {}", "exported F has"},
	},
	"package-names": {
		{"actors/util/x.go", "package state", "util says nothing"},
		{"actors/x_test.go", "package helpers_test", "helpers says nothing"},
	},
	"step-names": {
		{"examples/a/main.go", flow("Lines"), `"Lines" is not kebab-case`},
		{"examples/a/main.go", flow("a", "b_c"), `"b_c" is not kebab-case`},
		{"examples/a/main.go", flow("a", "b", "a"), `"a" is given twice`},
	},
	"leftovers": {
		{"actors/x_test.go", "package p\n\n// TO" + "DO: more", "comment says TO" + "DO"},
		{"proto/a/v1/a.proto", "\n// FIX" + "ME", "line says FIX" + "ME"},
	},
	"file-size": {
		{"test/data.bin", strings.Repeat("x", maxFileBytes+1), "limit 1048576"},
	},
	"invariants": {
		{"ARCHITECTURE.md", "| nothing is lost | `test.TestLost` |", "no function TestLost"},
	},
	"generated": {
		{"proto/a/v1/a.pb.go", "package av1", "no proto/a/v1/a.proto"},
		{"proto/a/v1/a.proto", "", "no proto/a/v1/a.pb.go"},
	},
}
