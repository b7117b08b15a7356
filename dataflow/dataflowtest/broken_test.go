package dataflowtest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// forgetful is a processor that keeps what it counts in a field.
type forgetful struct{ n int }

func (f *forgetful) Process(c *dataflow.Context[string, int], _ string) error {
	f.n++
	c.Emit(f.n)
	return nil
}

// leaky changes a slice in place and forgets to set it.
type leaky struct{ seen dataflow.Value[[]int] }

func (l *leaky) Process(c *dataflow.Context[string, int], _ string) error {
	seen, err := l.seen.Get(c)
	if err != nil {
		return err
	}
	if seen == nil {
		return l.seen.Set(c, make([]int, 1))
	}
	seen[0]++
	c.Emit(seen[0])
	return nil
}

func stage[U any](
	t *testing.T, use func(k dataflow.Keyed[string, string]) dataflow.Stream[U], want ...U,
) {
	script := dataflowtest.NewScript[string]().At(1, "a", "a", "a", "a")
	dataflowtest.Operator(t, script, func(s dataflow.Stream[string]) {
		dataflowtest.Expect(use(dataflow.KeyBy(s, "by-letter", initial)), "out", want...)
	})
}

// rereading is a source whose readers resume one record too early.
type rereading struct{ dataflow.Source[int] }

func (s rereading) Open(
	ctx context.Context, sp operator.Split, offset []byte,
) (dataflow.Reader[int], error) {
	if len(offset) > 0 && offset[0] > 0 {
		offset = []byte{offset[0] - 1}
	}
	return s.Source.Open(ctx, sp, offset)
}

// eager is a sink that shows records before their commit.
type eager struct {
	dataflow.Sink[int]
	visible *[]int
}

func (s eager) Open(p operator.Place) (dataflow.Writer[int], error) {
	w, err := s.Sink.Open(p)
	return eagerWriter{w, s.visible}, err
}

type eagerWriter struct {
	dataflow.Writer[int]
	visible *[]int
}

func (w eagerWriter) Write(b *operator.Records[int]) error {
	*w.visible = append(*w.visible, b.Values...)
	return w.Writer.Write(b)
}

// doubling is a sink whose commits are not idempotent.
type doubling struct {
	dataflow.Sink[int]
	c *dataflowtest.Collected[int]
}

func (s doubling) Commit(token []byte) error {
	if err := s.Sink.Commit(token); err != nil {
		return err
	}
	w, err := s.c.Sink().Open(operator.Place{Generation: 1 << 40})
	if err != nil {
		return err
	}
	b := operator.NewPool[int]().Get()
	b.Append(-1, 0)
	if err := w.Write(b); err != nil {
		return err
	}
	p, err := w.Prepare(uint64(time.Now().UnixNano()))
	if err != nil {
		return err
	}
	again, err := p.Persist()
	if err != nil {
		return err
	}
	return s.Sink.Commit(again)
}

// broken are implementations that their test must refuse, with the words.
var broken = []struct {
	name string
	test func(t *testing.T)
	want []string
}{
	{"field", func(t *testing.T) {
		stage(t, func(k dataflow.Keyed[string, string]) dataflow.Stream[int] {
			return dataflow.Process(k, "count", func() *forgetful { return &forgetful{} })
		}, 1, 2, 3, 4)
	}, []string{"/item_by_item_with_restarts", "/with_slow_checkpoints", "  - 4\n"}},
	{"wrong expectation", func(t *testing.T) {
		stage(t, func(k dataflow.Keyed[string, string]) dataflow.Stream[int] {
			return dataflow.Process(k, "count", func() *forgetful { return &forgetful{} })
		}, 1, 3, 4)
	}, []string{"/item_by_item ", "    1\n", "  + 2\n"}},
	{"not set", func(t *testing.T) {
		stage(t, func(k dataflow.Keyed[string, string]) dataflow.Stream[int] {
			return dataflow.Process(k, "leak", func() *leaky {
				return &leaky{dataflow.NewValue[[]int]("seen")}
			})
		}, 1, 2, 3)
	}, []string{"/item_by_item_with_restarts", "/with_slow_checkpoints"}},
	{"source", func(t *testing.T) {
		dataflowtest.TestSource(t, func() dataflow.Source[int] {
			return rereading{dataflowtest.SliceSource(numbers(9))}
		})
	}, []string{"/resumes", "9 records, want 8"}},
	{"eager sink", func(t *testing.T) {
		dataflowtest.TestSink(t, func(*testing.T) dataflowtest.Output[int] {
			c, seen := dataflowtest.NewCollected[int](), []int(nil)
			return dataflowtest.Output[int]{
				Sink:    func() dataflow.Sink[int] { return eager{c.Sink(), &seen} },
				Visible: func() ([]int, error) { return seen, nil },
			}
		}, func(i int) int { return i })
	}, []string{"after Write, 522 records are visible, want 0"}},
	{"doubling sink", func(t *testing.T) {
		dataflowtest.TestSink(t, func(*testing.T) dataflowtest.Output[int] {
			c := dataflowtest.NewCollected[int]()
			return dataflowtest.Output[int]{
				Sink:    func() dataflow.Sink[int] { return doubling{c.Sink(), c} },
				Visible: func() ([]int, error) { return c.Values(), nil },
			}
		}, func(i int) int { return i })
	}, []string{"/commits_again", "records are visible, want 5"}},
}

// TestBroken is run again in a process of its own for each broken
// implementation, which must fail.
func TestBroken(t *testing.T) {
	const variable = "DATAFLOWTEST_BROKEN"
	for _, b := range broken {
		t.Run(b.name, func(t *testing.T) {
			if os.Getenv(variable) != "" {
				b.test(t)
				return
			}
			run := "^TestBroken$/^" + strings.ReplaceAll(b.name, " ", "_") + "$"
			cmd := exec.Command(os.Args[0], "-test.run="+run)
			cmd.Env = append(os.Environ(), variable+"=1")
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("passed:\n%s", out)
			}
			plain := strings.ReplaceAll(string(out), "            ", "")
			for _, want := range b.want {
				if !strings.Contains(plain, want) {
					t.Errorf("the failure does not say %q:\n%s", want, out)
				}
			}
		})
	}
}
