package cluster

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

func TestHelp(t *testing.T) {
	o := Options{Flows: []*dataflow.Flow{copyFlow("copy")}}
	for name, args := range map[string]string{
		"help.txt": "-h", "help-run.txt": "run --help", "help-plan.txt": "plan -help",
		"help-checkpoints.txt": "checkpoints -h", "help-delete.txt": "checkpoints delete -h",
	} {
		got := try(t, nil, o, args)
		if got.code != ExitOK || got.stderr != "" {
			t.Errorf("%s: exit code %d, stderr %q", args, got.code, got.stderr)
		}
		golden(t, name, got.stdout)
	}
}

func TestPlanCommand(t *testing.T) {
	o := Options{Flows: []*dataflow.Flow{copyFlow("copy")}}
	for format, want := range map[string]string{
		"text": "flow copy: exactly-once", "dot": `digraph "copy" {`, "json": `"flow": "copy"`,
	} {
		got := try(t, nil, o, "plan -parallelism 2 -format "+format)
		if got.code != ExitOK || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: exit code %d, stdout %q, want %q in it", format, got.code, got.stdout, want)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	one := []*dataflow.Flow{copyFlow("copy")}
	two := append(one, copyFlow("other"))
	for _, c := range []struct {
		flows      []*dataflow.Flow
		args, want string
	}{
		{one, "-inn x", "there is no flag -inn; is it -in?"},
		{one, "-in", "flag needs an argument: -in"},
		{one, "-delay soon", "-delay: want a duration"},
		{one, "-loud=perhaps", "-loud: want true or false"},
		{one, "-parallelism 0", "-parallelism 0: want 1 or more"},
		{one, "-from 3", "there is nothing to start from without -state"},
		{one, "-log-level all", "-log-level all: want debug"},
		{one, "-log-format xml", "-log-format xml: want text or json"},
		{one, "walk", `unexpected argument "walk"`},
		{one, "run now", `unexpected argument "now"`},
		{one, "plan -format pdf", "-format pdf: want text, dot or json"},
		{one, "-flow nope", "there is no such flow; this program links copy"},
		{two, "", "say which flow with -flow NAME; this program links copy, other"},
		{two, "-in x", "say which flow with -flow NAME; this program links copy, other"},
		{nil, "run", "this program links no flow to run"},
		{one, "checkpoints", "say what to do"},
		{one, "checkpoints mend", `there is no command "mend"`},
		{one, "checkpoints list", "say which state directory with -state DIR"},
		{one, "checkpoints show -state x", "got 0 arguments, want 1"},
		{one, "checkpoints show -state x 1 2", "got 2 arguments, want 1"},
	} {
		got := try(t, &fakeJob{}, Options{Flows: c.flows}, c.args)
		if got.code != ExitUsage || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%q: exit code %d, stderr %q, want %d and %q",
				c.args, got.code, got.stderr, ExitUsage, c.want)
		}
		if strings.Count(got.stderr, "prog: ") != 1 {
			t.Errorf("%q: stderr %q, want the error once", c.args, got.stderr)
		}
	}
}

func TestFlags(t *testing.T) {
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"FLYBALL_IN": "env.txt", "FLYBALL_RETAIN": "5"}[name]
		return v, ok
	}
	for args, want := range map[string]string{
		"":                           "env.txt 15m0s false 1 5 10s",
		"-in x":                      "x 15m0s false 1 5 10s",
		"--in=x --loud":              "x 15m0s true 1 5 10s",
		"run -loud=false -delay 1m":  "env.txt 1m0s false 1 5 10s",
		"-delay 1m run -retain 2":    "env.txt 1m0s false 1 2 10s",
		"run -parallelism 4 -flow a": "env.txt 15m0s false 4 5 10s",
		"-interval -1s":              "env.txt 15m0s false 1 5 -1s",
	} {
		var got string
		job := &fakeJob{}
		r := try(t, job, Options{
			Flows: []*dataflow.Flow{copyFlow("a"), copyFlow("b")}[:1], Env: env,
			After: After(func(p copyParams, _ io.Writer) error {
				got = fmt.Sprint(p.In, " ", p.Delay, " ", p.Loud)
				return nil
			}),
		}, args)
		got += fmt.Sprint(" ", job.cfg.Parallelism, " ", job.cfg.Retain, " ", job.cfg.CheckpointInterval)
		if got != want || r.code != ExitOK {
			t.Errorf("%q: got %q, exit code %d, want %q; %s", args, got, r.code, want, r.stderr)
		}
	}
}

func TestEnvironmentError(t *testing.T) {
	got := try(t, &fakeJob{}, Options{
		Flows: []*dataflow.Flow{copyFlow("copy")},
		Env:   func(name string) (string, bool) { return "x", name == "FLYBALL_DELAY" },
	}, "")
	want := `environment variable FLYBALL_DELAY="x": want a duration`
	if got.code != ExitUsage || !strings.Contains(got.stderr, want) {
		t.Errorf("exit code %d, stderr %q, want %q", got.code, got.stderr, want)
	}
}

func TestRunPrints(t *testing.T) {
	job := &fakeJob{stats: sampleStats()}
	job.run = func(context.Context) error {
		job.cfg.Events.Restored(6, time.Now().Add(-time.Hour))
		return nil
	}
	got := try(t, job, Options{
		Flows: []*dataflow.Flow{copyFlow("copy")},
		After: func(_ any, w io.Writer) error { _, err := io.WriteString(w, "result\n"); return err },
	}, "-state dir")
	if got.code != ExitOK || got.stdout != "result\n" || !job.closed {
		t.Errorf("exit code %d, stdout %q, closed %v", got.code, got.stdout, job.closed)
	}
	for _, want := range []string{
		"flow copy, exactly-once, fingerprint ", "plan lines → out ×1; 1 task, 0 channels",
		"state in dir", "memory bound", "restored from checkpoint 6, taken 1h ago",
		"flow clicks ended: read 1,250,000 records and wrote 300 in ",
	} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("stderr %q, want %q in it", got.stderr, want)
		}
	}
	quiet := try(t, &fakeJob{stats: sampleStats()},
		Options{Flows: []*dataflow.Flow{copyFlow("copy")}}, "-quiet")
	if strings.Count(quiet.stderr, "\n") != 1 {
		t.Errorf("quiet: stderr %q, want the summary alone", quiet.stderr)
	}
}

func TestRunFails(t *testing.T) {
	failure := &actors.TaskError{
		Flow: "copy", Step: "shout", Attempt: 1, Kind: actors.User,
		Err: &operator.Panic{Value: "boom", Record: `"hello"`, Stack: []byte("main.shout(…)")},
	}
	after := false
	got := try(t, &fakeJob{run: func(context.Context) error { return failure }}, Options{
		Flows: []*dataflow.Flow{copyFlow("copy")},
		After: func(any, io.Writer) error { after = true; return nil },
	}, "")
	if got.code != ExitFailure || after {
		t.Errorf("exit code %d, After called %v, want %d and not", got.code, after, ExitFailure)
	}
	for _, want := range []string{
		`step "shout"`, `user code panicked: boom, at record "hello"`, "main.shout(…)",
		"The step's function failed.",
	} {
		if strings.Count(got.stderr, want) != 1 {
			t.Errorf("stderr %q, want %q once", got.stderr, want)
		}
	}
}

func TestInterrupt(t *testing.T) {
	t.Run("once", func(t *testing.T) {
		interrupts := make(chan os.Signal, 2)
		interrupts <- syscall.SIGINT
		stopped := false
		job := &fakeJob{run: func(ctx context.Context) error {
			<-ctx.Done()
			stopped = true
			return nil
		}}
		got := try(t, job, Options{
			Flows: []*dataflow.Flow{copyFlow("copy")}, Interrupts: interrupts,
			After: func(any, io.Writer) error { return errors.New("called") },
		}, "")
		if got.code != ExitOK || !stopped || !job.closed {
			t.Errorf("exit code %d, stopped %v, closed %v", got.code, stopped, job.closed)
		}
		for _, want := range []string{"stopping with a final checkpoint", "stopped: read"} {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("stderr %q, want %q in it", got.stderr, want)
			}
		}
	})
	t.Run("twice", func(t *testing.T) {
		interrupts := make(chan os.Signal, 2)
		interrupts <- syscall.SIGINT
		interrupts <- syscall.SIGTERM
		hang := make(chan struct{})
		defer close(hang)
		job := &fakeJob{run: func(context.Context) error { <-hang; return nil }}
		got := try(t, job, Options{
			Flows: []*dataflow.Flow{copyFlow("copy")}, Interrupts: interrupts,
		}, "")
		if got.code != ExitAborted || !strings.Contains(got.stderr, "aborted") {
			t.Errorf("exit code %d, stderr %q, want %d", got.code, got.stderr, ExitAborted)
		}
	})
}

// TestRunReally runs a flow on the real engine, twice on one directory.
func TestRunReally(t *testing.T) {
	o := Options{Flows: []*dataflow.Flow{copyFlow("copy")}}
	dir := t.TempDir()
	first := try(t, nil, o, "-state "+dir)
	if first.code != ExitOK || !strings.Contains(first.stderr, "read 2 records and wrote 2") {
		t.Fatalf("exit code %d, stderr %q", first.code, first.stderr)
	}
	second := try(t, nil, o, "-state "+dir)
	if second.code != ExitOK || !strings.Contains(second.stderr, "there was nothing left to do") {
		t.Errorf("exit code %d, stderr %q", second.code, second.stderr)
	}
}

func TestFlowsThatClash(t *testing.T) {
	for _, c := range []struct {
		flows []*dataflow.Flow
		want  string
	}{
		{[]*dataflow.Flow{copyFlow("a"), copyFlow("a")}, `are named "a"`},
		{[]*dataflow.Flow{nil}, "is nil"},
	} {
		got := try(t, nil, Options{Flows: c.flows}, "plan")
		if got.code != ExitFailure || !strings.Contains(got.stderr, c.want) {
			t.Errorf("exit code %d, stderr %q, want %q", got.code, got.stderr, c.want)
		}
	}
}

// TestListFromEnvironment has a list in the environment and on the command
// line, which replaces it.
func TestListFromEnvironment(t *testing.T) {
	type params struct{ Tag []string }
	f := dataflow.Define("tags", dataflow.BestEffort, func(g *dataflow.Graph, p params) {
		dataflow.Write(dataflow.Read(g, "lines", lines{}), "out", nowhere{})
	})
	for args, want := range map[string]string{"": "[a b]", "-tag c -tag d,e": "[c d e]"} {
		got := try(t, &fakeJob{}, Options{
			Flows: []*dataflow.Flow{f},
			Env:   func(name string) (string, bool) { return "a,b", name == "FLYBALL_TAG" },
			After: After(func(p params, w io.Writer) error { _, err := fmt.Fprint(w, p.Tag); return err }),
		}, args)
		if got.stdout != want {
			t.Errorf("%q: got %q, want %q; %s", args, got.stdout, want, got.stderr)
		}
	}
}
