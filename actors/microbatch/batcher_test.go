package microbatch

import (
	"reflect"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

const ms = time.Millisecond

// told is a policy that wants so many records and remembers what it was told.
type told struct {
	records  int64
	done     []governor.CompletedBatch
	upcoming []governor.Upcoming
}

func (p *told) Done(b governor.CompletedBatch) { p.done = append(p.done, b) }

func (p *told) Size(u governor.Upcoming) (int64, governor.Reason) {
	p.upcoming = append(p.upcoming, u)
	return p.records, governor.Reason{}
}

// step applies events at a time and compares the commands.
func step(t *testing.T, b *Batcher, at time.Duration, want []Command, events ...Event) {
	t.Helper()
	var got []Command
	for _, ev := range events {
		got = b.Step(at, ev, got)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("at %v: got %+v, want %+v", at, got, want)
	}
}

func TestBatches(t *testing.T) {
	p := &told{records: 1000}
	b := New(Config{Interval: 100 * ms, Every: 2, Policy: p, Tasks: 2})
	step(t, b, 0, nil, Tick{})
	step(t, b, 99*ms, nil, Tick{})
	step(t, b, 100*ms, []Command{Release{Batch: 1, Records: 1000}}, Tick{})
	step(t, b, 130*ms, nil, Read{1, 600}, Read{1, 300}, Passed{1}, Passed{7}, Tick{})
	first := governor.CompletedBatch{
		Records: 900, Closed: 100 * ms, Started: 100 * ms, Done: 140 * ms,
	}
	step(t, b, 140*ms, []Command{Completed{first}}, Passed{1})

	// The second has a checkpoint, which takes until the third is formed.
	release := Release{Batch: 2, Records: 1000, Checkpoint: true}
	step(t, b, 200*ms, []Command{release}, Tick{Dirty: 5, State: 50})
	step(t, b, 250*ms, nil, Read{2, 1000}, Passed{2}, Passed{2})
	step(t, b, 300*ms, nil, Tick{})
	if got := len(p.upcoming[3].Queue); got != 2 {
		t.Errorf("got %d batches known to be queued, want the one under way and one that waits", got)
	}
	second := governor.CompletedBatch{
		Records: 1000, Closed: 200 * ms, Started: 200 * ms, Done: 330 * ms,
		Checkpoint: 80 * ms, Dirty: 5, State: 50,
	}
	step(t, b, 330*ms, []Command{Completed{second}, Release{Batch: 3, Records: 1000}}, Checkpointed{})
	if !reflect.DeepEqual(p.done, []governor.CompletedBatch{first, second}) {
		t.Errorf("the policy was told of %+v", p.done)
	}
}

// TestOldCheckpoint has a checkpoint end that is not the batch's.
func TestOldCheckpoint(t *testing.T) {
	b := New(Config{Interval: 100 * ms, Every: 1, Policy: &told{records: 1}, Tasks: 1})
	step(t, b, 0, nil, Tick{}, Checkpointed{})
	step(t, b, 100*ms, []Command{Release{Batch: 1, Records: 1, Checkpoint: true}}, Tick{})
	step(t, b, 110*ms, nil, Passed{1})
}

// TestOverload has no batch ever end: those that wait are bounded.
func TestOverload(t *testing.T) {
	b := New(Config{Interval: ms, Policy: &told{records: 1}, Tasks: 1})
	for i := range 3 * mostQueued {
		b.Step(time.Duration(i)*ms, Tick{}, nil)
	}
	if n := len(b.queue); n > mostQueued {
		t.Errorf("%d batches wait, want at most %d", n, mostQueued)
	}
}
