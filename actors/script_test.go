package actors

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// ev is a record with an event time of its own, in milliseconds.
type ev struct {
	Key int
	At  int64
	N   int
}

func evTime(e ev) time.Time { return time.UnixMilli(e.At) }

// cue is a record of a scripted source and the wait before it.
type cue struct {
	wait time.Duration
	ev   ev
}

// scripted is a source that plays a script a split, in processing time.
type scripted struct {
	splits  map[string][]cue
	order   []string // of the splits
	endless bool     // splits fall silent instead of ending
	grows   bool
	list    func(ctx context.Context, n int) []string // the splits there are when asked; nil for order
	asked   int
	mu      sync.Mutex
	fail    func(e ev) error
}

func (s *scripted) Splits(ctx context.Context) ([]operator.Split, error) {
	ids := s.order
	if s.list != nil {
		ids = s.list(ctx, s.asked)
	}
	s.asked++
	var all []operator.Split
	for _, id := range ids {
		all = append(all, operator.Split{ID: id})
	}
	return all, ctx.Err()
}
func (s *scripted) Grows() bool      { return s.grows }
func (s *scripted) Replayable() bool { return true }
func (s *scripted) Open(
	_ context.Context, sp operator.Split, offset []byte,
) (dataflow.Reader[ev], error) {
	r := &scriptReader{s: s, cues: s.splits[sp.ID]}
	if offset != nil {
		r.next = int(binary.BigEndian.Uint64(offset))
	}
	if r.next > len(r.cues) {
		return nil, fmt.Errorf("offset %d of %d", r.next, len(r.cues))
	}
	return r, nil
}

type scriptReader struct {
	s    *scripted
	cues []cue
	next int
}

func (r *scriptReader) Read(ctx context.Context, b *operator.Records[ev]) error {
	for !b.Full() {
		if r.next == len(r.cues) {
			if !r.s.endless {
				return io.EOF
			}
			if b.Len() == 0 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		c := r.cues[r.next]
		if c.wait > 0 && b.Len() > 0 {
			return nil
		}
		if wait(ctx, c.wait); ctx.Err() != nil {
			return ctx.Err()
		}
		if r.s.fail != nil {
			r.s.mu.Lock()
			err := r.s.fail(c.ev)
			r.s.mu.Unlock()
			if err != nil {
				return err
			}
		}
		b.Append(c.ev, operator.MinTimestamp)
		r.next++
		if c.wait > 0 {
			return nil
		}
	}
	return nil
}
func (r *scriptReader) Offset() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(r.next))
}
func (r *scriptReader) Close() error { return nil }

// newJob makes a job of the flow that build adds, closed with the test.
func newJob(t *testing.T, cfg Config, build func(g *dataflow.Graph)) *Job {
	t.Helper()
	f := dataflow.Define("test", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) { build(g) })
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Restart.Backoff == 0 {
		cfg.Restart.Backoff = time.Millisecond
	}
	j, err := New(g, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// running is a job that runs in a goroutine.
type running struct {
	*Job
	t    *testing.T
	stop context.CancelFunc
	done chan struct{}
	err  error
}

func runJob(t *testing.T, cfg Config, build func(g *dataflow.Graph)) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{Job: newJob(t, cfg, build), t: t, stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.err = r.Run(ctx)
	}()
	return r
}

// watch has look see what the job says of itself, every so often, until it has ended.
func (r *running) watch(every time.Duration, look func(s *Stats)) {
	for done := false; !done; {
		select {
		case <-r.done:
			done = true
		case <-time.After(every):
		}
		s := r.Stats()
		look(&s)
	}
}

// halt stops the job and closes it. A failure at that moment is not tried
// again, so there may be an error.
func (r *running) halt() {
	r.t.Helper()
	r.stop()
	<-r.done
	if err := r.Close(); err != nil {
		r.t.Error(err)
	}
}

// end waits for the job, stopping it first if it must be, and closes it.
func (r *running) end(stop bool) {
	r.t.Helper()
	if !stop {
		<-r.done
	}
	if r.halt(); r.err != nil {
		r.t.Errorf("run: %v", r.err)
	}
}
