// Package capacity plans for flows that do not run yet: it reads what a flow
// will be like, simulates it under several policies, and says what to expect
// and how many subtasks each stage needs.
//
// The nouns:
//
//   - A [Plan] is a flow with its load, state, checkpoints and goals, as JSON.
//   - A [Report] compares policies, and says how busy each stage will be.
//
// In use:
//
//	p, err := capacity.Read(file)
//	report, err := p.Run()
//	report.Write(os.Stdout)
//
// A plan:
//
//	{"stages": [
//	   {"name": "orders", "load": {"rate": 40000, "burst": 0.5, "cycle": "1s"}},
//	   {"name": "totals", "inputs": ["orders"], "parallelism": 4, "record": "40us",
//	    "state": {"touched": "200B", "working": "500MB", "size": "2GB"}},
//	   {"name": "store", "inputs": ["totals"], "record": "5us"}],
//	 "checkpoints": {"interval": "10s", "encode": "300MB", "disk": "200MB", "sync": "20ms"},
//	 "goals": {"latency": "500ms"}, "policies": ["none", "pid", "governor"]}
//
// In micro-batches, with a checkpoint in every tenth, there is an interval of batches
// instead of one of checkpoints; such a flow is simulated as one server as fast as its
// busiest subtask, whose input does not change:
//
//	"microBatch": {"interval": "1s", "every": 10, "fixed": "50ms"}
//
// Sizes and speeds, in bytes and bytes a second, may carry units; times are Go
// durations.
//
// # Guarantees
//
// The same plan gives the same report. Unknown fields are errors.
//
// # Not here
//
// Measuring: service times come from a trial, such as the metric
// flyball_task_service_rate of a run. How the simulation works is in package
// governor/simulate.
package capacity
