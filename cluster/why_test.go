package cluster

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
)

// TestWhyCommand asks a server whose job is held back by its sink.
func TestWhyCommand(t *testing.T) {
	g, job := samplePages(t)
	job.stats = actors.Stats{Flow: "copy", Tasks: []actors.TaskStats{
		{Vertex: "in", Source: true, Lanes: [][]int{{1}}, Governed: actors.Governed{Blocked: 0.9}},
		{Vertex: "out", Sink: true, Steps: []string{"files"},
			Governed: actors.Governed{Busy: 0.95, Service: 1234}},
	}, Schedule: governor.Proposal{
		Interval: 3 * time.Second, Bound: governor.IntervalRecovery, Conflict: governor.RecoveryBelowRestore,
	}}
	srv := httptest.NewServer(g.handler())
	defer srv.Close()
	address := strings.TrimPrefix(srv.URL, "http://")
	got := try(t, job, Options{}, "why -http "+address)
	want := `in[0]: waits 90% of the time for credit of out[0]
  out[0]: works 95% of the time and does 1234 records a second while it works; it writes files
checkpoints every 3s, as the recovery says; restoring the state exceeds the recovery goal
`
	if got.code != ExitOK || got.stdout != want {
		t.Errorf("got %d: %s%s\nwant %s", got.code, got.stdout, got.stderr, want)
	}
	for bound, says := range map[governor.IntervalBound]string{
		governor.IntervalFixed: "every 3s, as asked for\n",
		governor.IntervalShare: "every 3s, twice as long as one takes\n",
	} {
		job.stats.Schedule = governor.Proposal{Interval: 3 * time.Second, Bound: bound}
		if got = try(t, job, Options{}, "why -http "+address); !strings.Contains(got.stdout, says) {
			t.Errorf("bound %v: got %s, want %q in it", bound, got.stdout, says)
		}
	}
	got = try(t, job, Options{}, "why -json -http "+address)
	if !strings.Contains(got.stdout, `"Cause":"sink"`) {
		t.Errorf("as JSON: got %s", got.stdout)
	}
	srv.Close()
	got = try(t, job, Options{}, "why -http "+address)
	if got.code != ExitFailure || !strings.Contains(got.stderr, "does it run, with -http?") {
		t.Errorf("without a server: got %d: %s", got.code, got.stderr)
	}
}

// TestDecisionsAreLogged once, not every period.
func TestDecisionsAreLogged(t *testing.T) {
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	tell := newDecisions(log)
	d := governor.Decision{
		Grants: []governor.Grant{{Window: governor.Window{Batches: 3, Bytes: 4}}},
		Reason: governor.Reason{Rate: governor.BoundService, Limit: 100},
	}
	for range 5 {
		tell(actors.Decided{Vertex: "work", Decision: &d})
	}
	d.Reason.Rate = governor.BoundDownstream
	tell(actors.Decided{Vertex: "work", Decision: &d})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "rate=service limit=100") ||
		!strings.Contains(lines[1], "rate=downstream") {
		t.Errorf("got %q, want a line for each of two reasons", lines)
	}
	if newDecisions(slog.New(slog.DiscardHandler)) != nil {
		t.Error("decisions are looked at although nobody reads the log")
	}
}

// TestGovernorFlags checks what the flags say to the engine.
func TestGovernorFlags(t *testing.T) {
	tests := []struct {
		change   func(*settings)
		policy   string
		adaptive bool
		says     string // in the error
	}{
		{func(*settings) {}, nonePolicy, false, ""},
		{func(s *settings) { s.Latency = time.Second }, governorPolicy, false, ""},
		{func(s *settings) { s.Recovery = time.Second }, governorPolicy, true, ""},
		{func(s *settings) { s.Interval = 0 }, governorPolicy, true, ""},
		{func(s *settings) { s.Memory = "1GiB" }, governorPolicy, false, ""},
		{func(s *settings) { s.Governor = pidPolicy }, pidPolicy, false, ""},
		{func(s *settings) { s.Memory = "much" }, "", false, "-memory"},
		{func(s *settings) { s.Governor = "best" }, "", false, "want none, pid, governor or auto"},
		{func(s *settings) { s.Governor, s.Latency = nonePolicy, 1 }, "", false, "it knows no goals"},
		{func(s *settings) { s.Governor, s.Interval = pidPolicy, 0 }, "", false, "-interval 0"},
		{func(s *settings) { s.Latency = -1 }, "", false, "-latency"},
		{func(s *settings) { s.Batch = -1 }, "", false, "-batch"},
	}
	for i, test := range tests {
		s := settings{Governor: autoPolicy, Interval: time.Second}
		test.change(&s)
		err := s.checkGovernor()
		if test.says != "" {
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%d: got %v, want an error about %s", i, err, test.says)
			}
			continue
		}
		cfg := s.config()
		if err != nil || s.policy() != test.policy || cfg.Adaptive != test.adaptive {
			t.Errorf("%d: got %v, the policy %s, adaptive %v; want %s, %v",
				i, err, s.policy(), cfg.Adaptive, test.policy, test.adaptive)
		}
		if test.policy == nonePolicy {
			continue
		}
		if p := cfg.Policy(governor.Config{}); p == nil {
			t.Errorf("%d: no policy", i)
		}
	}
}

// TestBatchFlags checks that micro-batches get a policy.
func TestBatchFlags(t *testing.T) {
	for _, name := range []string{nonePolicy, pidPolicy, governorPolicy} {
		s := settings{Governor: name, Interval: time.Second, Batch: time.Second, BatchCheckpoint: 5}
		cfg := s.config()
		if cfg.MicroBatch == nil || cfg.MicroBatch.Every != 5 || cfg.MicroBatch.Policy() == nil {
			t.Errorf("%s: got %+v, want batches of a second", name, cfg.MicroBatch)
		}
	}
}
