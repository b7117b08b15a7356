// Package cluster makes a program of flows: its command line, its log, its
// metrics and its status page.
//
// The nouns:
//
//   - [Main] is the main function of a program that links flows.
//   - [Options] say what a program is made of; [Run] does what a command line
//     says and returns an exit code, for tests and for programs of their own.
//   - A flow's parameter struct becomes flags. An exported field is a flag
//     with the field's name in kebab case; the tags flag, help and default
//     say otherwise and more. Fields of nested structs carry the name of the
//     outer field before theirs.
//
// A program:
//
//	type Params struct {
//		In    string        `help:"file to read" default:"flights.csv.gz"`
//		Delay time.Duration `help:"count flights that are later than this" default:"15m"`
//	}
//
//	var Late = dataflow.Define("late", dataflow.ExactlyOnce,
//		func(g *dataflow.Graph, p Params) { … })
//
//	func main() { cluster.Main(Late) }
//
// Its command line:
//
//	late -in 2008.csv.gz -state ./state -parallelism 2   run, or go on
//	late plan -format dot                                how it would run
//	late checkpoints list -state ./state                 what is saved
//	late -http localhost:8080                            metrics, status, profiles
//	late -latency 100ms -recovery 10s -memory 1GiB       have the governor reach goals
//	late why -http localhost:8080                        what holds a running program back
//	late -picture run.svg                                draw rate, latency, credits, checkpoints
//	late simulate plan.json                              plan for a flow that does not run yet
//
// With -http the process serves /metrics for Prometheus, a page for people at
// /, /why, /healthz, /debug/pprof, and POST /savepoint?label=NAME. It asks nobody
// who they are: listen on localhost, or where only friends can reach it.
//
// # Guarantees
//
// An interrupt stops a flow with a final checkpoint, so that the next run on
// the same state directory goes on where it stopped; a second interrupt ends
// the process at once, which costs no more than a crash does: the work since
// the last checkpoint is done again. Standard output has only what was asked
// for; messages, progress and logs go to standard error. Every error is
// printed once. Exit codes are [ExitOK], [ExitFailure], [ExitUsage] and
// [ExitAborted].
//
// # Not here
//
// A flow runs in one process: nothing here connects processes yet, whatever
// the package's name promises. Running is the work of package actors.
package cluster
