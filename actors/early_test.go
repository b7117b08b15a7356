package actors

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// slowLedger is a sink whose first writer opens only when it may.
type slowLedger struct {
	*ledger[operator.Entry[int, int64]]
	may <-chan struct{}
}

func (s *slowLedger) Open(
	p operator.Place,
) (dataflow.Writer[operator.Entry[int, int64]], error) {
	<-s.may
	return s.ledger.Open(p)
}

// TestRestartBeforeAllHaveOpened lets a source fail while a sink is still
// opening: the flow restarts, for it is not the opening that failed.
func TestRestartBeforeAllHaveOpened(t *testing.T) {
	const n = 100_000
	may := make(chan struct{})
	var once sync.Once
	src := &numbers{n: n, splits: 1, fail: func(int) (err error) {
		once.Do(func() {
			close(may)
			err = errors.New("the network is down")
		})
		return err
	}}
	out := &slowLedger{newLedger[operator.Entry[int, int64]](), may}
	flow := countFlow(src, out)
	g, err := flow.Build(flow.Params())
	if err != nil {
		t.Fatal(err)
	}
	j, err := New(g, Config{Dir: t.TempDir(), Restart: RestartPolicy{Backoff: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkCounts(t, n, out.all())
}

// TestStopBeforeStart stops a job before it has begun, which is no failure.
func TestStopBeforeStart(t *testing.T) {
	const n = 100_000
	dir := t.TempDir()
	out := newLedger[operator.Entry[int, int64]]()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, ctx := range []context.Context{stopped, t.Context()} {
		flow := countFlow(&numbers{n: n, splits: 2}, out)
		g, err := flow.Build(flow.Params())
		if err != nil {
			t.Fatal(err)
		}
		j, err := New(g, Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	checkCounts(t, n, out.all())
}
