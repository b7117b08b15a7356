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
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// numbers is a source of 0 … n-1 over a number of splits.
type numbers struct {
	n, splits int
	fail      func(i int) error
}

func (s *numbers) Splits(context.Context) ([]operator.Split, error) {
	var all []operator.Split
	for i := range s.splits {
		all = append(all, operator.Split{ID: fmt.Sprint(i)})
	}
	return all, nil
}
func (s *numbers) Grows() bool      { return false }
func (s *numbers) Replayable() bool { return true }
func (s *numbers) Open(_ context.Context, sp operator.Split, offset []byte) (dataflow.Reader[int], error) {
	r := &numberReader{s: s}
	fmt.Sscan(sp.ID, &r.next)
	if offset != nil {
		r.next = int(binary.BigEndian.Uint64(offset))
	}
	return r, nil
}

type numberReader struct {
	s    *numbers
	next int
}

func (r *numberReader) Read(_ context.Context, b *operator.Records[int]) error {
	for !b.Full() && r.next < r.s.n {
		if r.s.fail != nil {
			if err := r.s.fail(r.next); err != nil {
				return err
			}
		}
		b.Append(r.next, operator.Timestamp(r.next))
		r.next += r.s.splits
	}
	if r.next >= r.s.n {
		return io.EOF
	}
	return nil
}
func (r *numberReader) Offset() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(r.next))
}
func (r *numberReader) Close() error { return nil }

// ledger is a transactional sink in memory.
type ledger[T any] struct {
	mu        sync.Mutex
	committed map[string][]T
	pending   map[string][]T
	lenient   bool // commits of transactions it has never seen succeed
}

func newLedger[T any]() *ledger[T] {
	return &ledger[T]{committed: map[string][]T{}, pending: map[string][]T{}}
}
func (l *ledger[T]) Delivery() operator.Delivery { return operator.Transactional }
func (l *ledger[T]) Open(p operator.Place) (dataflow.Writer[T], error) {
	return &ledgerWriter[T]{l: l, p: p}, nil
}
func (l *ledger[T]) Commit(token []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := string(token)
	if _, ok := l.committed[k]; ok {
		return nil
	}
	v, ok := l.pending[k]
	if !ok && l.lenient {
		return nil
	}
	if !ok {
		return fmt.Errorf("no transaction %q", k)
	}
	l.committed[k] = v
	delete(l.pending, k)
	return nil
}
func (l *ledger[T]) Recover() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.pending)
	return nil
}
func (l *ledger[T]) all() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []T
	for _, v := range l.committed {
		out = append(out, v...)
	}
	return out
}

type ledgerWriter[T any] struct {
	l   *ledger[T]
	p   operator.Place
	now []T
}

func (w *ledgerWriter[T]) Write(b *operator.Records[T]) error {
	w.now = append(w.now, b.Values...)
	return nil
}
func (w *ledgerWriter[T]) Prepare(ckpt uint64) (operator.Prepared, error) {
	if len(w.now) == 0 {
		return nil, nil
	}
	p := &ledgerPrepared[T]{w.l, fmt.Sprintf("%d/%d/%d", w.p.Generation, ckpt, w.p.Subtask), w.now}
	w.now = nil
	return p, nil
}
func (w *ledgerWriter[T]) Close() error { return nil }

type ledgerPrepared[T any] struct {
	l   *ledger[T]
	key string
	v   []T
}

func (p *ledgerPrepared[T]) Persist() ([]byte, error) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	p.l.pending[p.key] = p.v
	return []byte(p.key), nil
}

func countFlow(src *numbers, out dataflow.Sink[operator.Entry[int, int64]]) *dataflow.Flow {
	return dataflow.Define("count", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		n := dataflow.Read(g, "numbers", src)
		even := dataflow.Filter(n, "even", func(i int) bool { return i%2 == 0 })
		byMod := dataflow.KeyBy(even, "by-mod", func(i int) int { return i % 1000 })
		dataflow.Write(dataflow.Rolling(byMod, "count", agg.Count[int]()), "out", out)
	})
}

func checkCounts(t *testing.T, n int, got []operator.Entry[int, int64]) {
	t.Helper()
	max := map[int]int64{}
	seen := map[operator.Entry[int, int64]]int{}
	for _, e := range got {
		if e.Value > max[e.Key] {
			max[e.Key] = e.Value
		}
		seen[e]++
	}
	if len(got) != n/2 {
		t.Errorf("got %d results, want %d", len(got), n/2)
	}
	for e, k := range seen {
		if k != 1 {
			t.Errorf("result %v came %d times", e, k)
			break
		}
	}
	if len(max) != 500 {
		t.Errorf("got %d keys, want 500", len(max))
	}
	for k, v := range max {
		if v != int64(n/1000) {
			t.Errorf("key %d counted %d, want %d", k, v, n/1000)
			break
		}
	}
}

func TestRunToEnd(t *testing.T) {
	for _, p := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			const n = 1_000_000
			out := newLedger[operator.Entry[int, int64]]()
			flow := countFlow(&numbers{n: n, splits: 4}, out)
			g, err := flow.Build(flow.Params())
			if err != nil {
				t.Fatal(err)
			}
			j, err := New(g, Config{Dir: t.TempDir(), Parallelism: p, CheckpointInterval: 20 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			if err := j.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkCounts(t, n, out.all())
			t.Logf("%+v", j.Stats().Checkpoints)
		})
	}
}

func TestRestartAfterFailure(t *testing.T) {
	const n = 1_000_000
	var mu sync.Mutex
	failures := 0
	// One split alone fails: two of them may fail in one attempt, which is one restart.
	src := &numbers{n: n, splits: 3, fail: func(i int) error {
		mu.Lock()
		defer mu.Unlock()
		if i%3 == 0 && failures < 3 && i > (failures+1)*n/5 {
			failures++
			return fmt.Errorf("the disk is on fire")
		}
		return nil
	}}
	out := newLedger[operator.Entry[int, int64]]()
	flow := countFlow(src, out)
	g, err := flow.Build(flow.Params())
	if err != nil {
		t.Fatal(err)
	}
	j, err := New(g, Config{
		Dir: t.TempDir(), Parallelism: 2, CheckpointInterval: 10 * time.Millisecond,
		Restart: RestartPolicy{Backoff: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkCounts(t, n, out.all())
	if s := j.Stats(); s.Attempt != 4 {
		t.Errorf("attempts: got %d, want 4", s.Attempt)
	}
}

func TestStopAndGoOn(t *testing.T) {
	const n = 3_000_000
	dir := t.TempDir()
	out := newLedger[operator.Entry[int, int64]]()
	for run := 0; ; run++ {
		src := &numbers{n: n, splits: 3}
		ctx, cancel := context.WithCancel(t.Context())
		src.fail = func(i int) error {
			if i > (run+1)*n/5 {
				cancel()
			}
			return nil
		}
		flow := countFlow(src, out)
		g, err := flow.Build(flow.Params())
		if err != nil {
			t.Fatal(err)
		}
		j, err := New(g, Config{Dir: dir, Parallelism: run + 1, CheckpointInterval: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Run(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if run == 5 {
			break
		}
	}
	checkCounts(t, n, out.all())
}
