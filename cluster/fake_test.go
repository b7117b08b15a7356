package cluster

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// fakeJob is a job whose end a test decides.
type fakeJob struct {
	cfg    actors.Config
	run    func(ctx context.Context) error
	stats  actors.Stats
	closed bool
	label  string
}

func (f *fakeJob) Run(ctx context.Context) error {
	if f.run == nil {
		return nil
	}
	return f.run(ctx)
}

func (f *fakeJob) Stats() actors.Stats { return f.stats }

func (f *fakeJob) Bound() actors.Bound { return actors.Bound{Total: 1 << 20} }

func (f *fakeJob) Savepoint(_ context.Context, label string) (uint64, error) {
	if label == "refused" {
		return 0, errors.New("the flow is not running")
	}
	f.label = label
	return 7, nil
}

func (f *fakeJob) Close() error { f.closed = true; return nil }

// lines is a source of one line and a half of nothing, for plans.
type lines struct{ file string }

func (l lines) Splits(context.Context) ([]operator.Split, error) {
	return []operator.Split{{ID: l.file}}, nil
}

func (lines) Grows() bool { return false }

func (lines) Replayable() bool { return true }

func (lines) Open(context.Context, operator.Split, []byte) (dataflow.Reader[string], error) {
	return &hello{}, nil
}

type hello struct{ done bool }

func (h *hello) Read(_ context.Context, b *operator.Records[string]) error {
	if !h.done {
		h.done = true
		b.Append("hello", operator.MinTimestamp)
		b.Append("world", operator.MinTimestamp)
	}
	return io.EOF
}

func (*hello) Offset() []byte { return []byte("end") }

func (*hello) Close() error { return nil }

// nowhere is a sink that shows what it is given at once, nowhere.
type nowhere struct{}

func (nowhere) Delivery() operator.Delivery { return operator.Idempotent }

func (nowhere) Open(operator.Place) (dataflow.Writer[string], error) { return nowhere{}, nil }

func (nowhere) Commit([]byte) error { return nil }

func (nowhere) Recover() error { return nil }

func (nowhere) Write(*operator.Records[string]) error { return nil }

func (nowhere) Prepare(uint64) (operator.Prepared, error) { return nil, nil }

func (nowhere) Close() error { return nil }

type copyParams struct {
	In    string        `help:"file to read" default:"in.txt"`
	Delay time.Duration `help:"a delay" default:"15m"`
	Loud  bool          `help:"write capitals"`
}

func copyFlow(name string) *dataflow.Flow {
	return dataflow.Define(name, dataflow.ExactlyOnce, func(g *dataflow.Graph, p copyParams) {
		s := dataflow.Read(g, "lines", lines{p.In})
		loud := dataflow.Map(s, "shout", func(s string) string {
			if p.Loud {
				return strings.ToUpper(s)
			}
			return s
		})
		dataflow.Write(loud, "out", nowhere{}, dataflow.Parallelism(1))
	})
}

// trial is one command line carried out with a fake engine.
type trial struct {
	job            *fakeJob
	code           int
	stdout, stderr string
}

// engineOf makes a job of any graph and notes its configuration.
func engineOf(fake *fakeJob) engine {
	return func(_ *plan.Graph, cfg actors.Config) (job, error) {
		fake.cfg = cfg
		return fake, nil
	}
}

// try carries out a command line, args separated by spaces.
func try(t *testing.T, fake *fakeJob, o Options, args string) trial {
	t.Helper()
	if fake != nil {
		o.engine = engineOf(fake)
	}
	var stdout, stderr buffer
	o.Stdout, o.Stderr = &stdout, &stderr
	o.Args = append([]string{"prog"}, strings.Fields(args)...)
	if o.Env == nil {
		o.Env = func(string) (string, bool) { return "", false }
	}
	code := Run(t.Context(), o)
	return trial{fake, code, stdout.String(), stderr.String()}
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// golden compares got with a file, or rewrites the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got:\n%s\nwant:\n%s", name, got, want)
	}
}
