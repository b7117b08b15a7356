package dataflowtest

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
)

// Run runs the flow that build makes on the real engine until its input ends,
// exactly-once, with two subtasks a step, a checkpoint every 20 ms and a state
// directory of its own, and fails the test if the flow fails. Configure
// functions may change that. The engine has stopped when Run returns, so that
// what the flow's sinks show is final.
func Run(t testing.TB, build func(g *dataflow.Graph), configure ...func(*actors.Config)) {
	t.Helper()
	f := dataflow.Define("test", dataflow.ExactlyOnce,
		func(g *dataflow.Graph, _ struct{}) { build(g) })
	RunFlow(t, f, f.Params(), configure...)
}

// RunFlow is [Run] for a flow that is defined elsewhere, with parameters as
// [dataflow.Flow.Build] takes them.
func RunFlow(t testing.TB, f *dataflow.Flow, params any, configure ...func(*actors.Config)) {
	t.Helper()
	g, err := f.Build(params)
	if err != nil {
		t.Fatal(err)
	}
	cfg := actors.Config{
		Dir: t.TempDir(), Parallelism: 2, CheckpointInterval: 20 * time.Millisecond,
		Restart: actors.RestartPolicy{Backoff: time.Millisecond},
	}
	for _, c := range configure {
		c(&cfg)
	}
	j, err := actors.New(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Run(t.Context()); err != nil {
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}
