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

// TestBytesToSave has the batch with a checkpoint decided on when the one before
// has just saved all that had changed.
func TestBytesToSave(t *testing.T) {
	p := &told{records: 1}
	b := New(Config{Interval: 100 * ms, Every: 1, Policy: p, Tasks: 2})
	save := func(at time.Duration, parts ...Captured) {
		b.Step(at, Tick{State: 100}, nil)
		for _, c := range parts {
			b.Step(at+50*ms, c, nil)
		}
		for _, ev := range []Event{Passed{b.number}, Passed{b.number}, Checkpointed{}} {
			b.Step(at+60*ms, ev, nil)
		}
	}
	b.Step(0, Tick{Dirty: 7, State: 100}, nil)
	save(100*ms, Captured{30, 60}, Captured{10, 50})
	save(200*ms, Captured{20, 60}) // one task alone: the checkpoint has failed
	save(300*ms, Captured{20, 60}, Captured{5, 50})
	b.Step(400*ms, Tick{Dirty: 90, State: 110}, nil)
	var foretold, saved []int64
	for _, u := range p.upcoming {
		foretold = append(foretold, u.Dirty)
	}
	for _, d := range p.done {
		saved = append(saved, d.Dirty)
	}
	if want := []int64{7, 0, 40, 40, 90}; !reflect.DeepEqual(foretold, want) {
		t.Errorf("foretold %v bytes to save, want %v", foretold, want)
	}
	if want := []int64{40, 40, 25}; !reflect.DeepEqual(saved, want) {
		t.Errorf("told of %v bytes saved, want %v", saved, want)
	}
	if p.done[0].State != 110 {
		t.Errorf("told of a state of %d bytes, want 110", p.done[0].State)
	}
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
