package main

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// told is a law that wants so many records and remembers of what it was told.
type told struct {
	records int64
	done    []governor.CompletedBatch
}

func (p *told) Done(b governor.CompletedBatch) { p.done = append(p.done, b) }

func (p *told) Size(governor.Upcoming) (int64, governor.Reason) {
	return p.records, governor.Reason{}
}

// completed is a batch that waited for 10 ms and was done at a time.
func completed(records int64, done time.Duration) governor.CompletedBatch {
	return governor.CompletedBatch{
		Records: records, Closed: done - 30*ms, Started: done - 20*ms, Done: done,
	}
}

// TestShifts has two laws size two batches each in turn. Batches are sized
// before those ahead of them are done, as the engine does it.
func TestShifts(t *testing.T) {
	laws := [2]*told{{records: 100}, {records: 200}}
	s := newShifts(2, lawOfBatches{pidPolicy, laws[0]}, lawOfBatches{ourPolicy, laws[1]})
	s.Size(governor.Upcoming{})
	var all []governor.CompletedBatch
	for i := range 12 {
		n, _ := s.Size(governor.Upcoming{})
		if want := []int64{100, 200, 200, 100}[i%4]; n != want {
			t.Errorf("batch %d: sized %d, want %d", i+1, n, want)
		}
		b := completed(int64(i), time.Duration(i+1)*100*ms)
		s.Done(b)
		all = append(all, b)
	}
	want := []governor.CompletedBatch{
		completed(0, 100*ms), completed(1, 200*ms), completed(4, 300*ms), completed(5, 400*ms),
		completed(8, 500*ms), completed(9, 600*ms),
	}
	if !reflect.DeepEqual(laws[0].done, want) {
		t.Errorf("the first law was told of %v, want %v", laws[0].done, want)
	}
	// Its time begins with the first batch that was done.
	if got := laws[1].done; len(got) != 6 || got[0] != completed(2, 200*ms) || got[5] != completed(11, 700*ms) {
		t.Errorf("the second law was told of %v", got)
	}

	// Batch 3 begins to count, in the midst of a shift; the first of each does not.
	got := s.whole(3, all[3:11], 1)
	some := []shift{
		{pidPolicy, 100 * ms, all[5:6]}, {ourPolicy, 100 * ms, all[7:8]}, {pidPolicy, 100 * ms, all[9:10]},
	}
	if !reflect.DeepEqual(got, some) {
		t.Errorf("got shifts %v, want %v", got, some)
	}
}

func TestShiftLengths(t *testing.T) {
	for _, c := range []struct {
		batch              time.Duration
		every, each, leave int
	}{
		{time.Second, 2, 12, 2}, {500 * ms, 0, 12, 2}, {100 * ms, 10, 60, 10}, {40 * ms, 25, 150, 25},
		{time.Minute, 5, 15, 5},
	} {
		each, leave := setting{Batch: c.batch, Every: c.every}.shift()
		if each != c.each || leave != c.leave {
			t.Errorf("%v, %d: a shift of %d without %d, want %d without %d",
				c.batch, c.every, each, leave, c.each, c.leave)
		}
	}
}

func TestPerLaw(t *testing.T) {
	r := result{Seconds: 9, Records: 99, Series: []sample{{}}}
	if all := r.perLaw(); len(all) != 1 || !reflect.DeepEqual(all[0], r) {
		t.Errorf("without shifts: got %v", all)
	}
	saving := completed(30, 300*ms)
	saving.Checkpoint = 5 * ms
	r.Batch = 100 * ms
	r.Shifts = []shift{
		{pidPolicy, 100 * ms, []governor.CompletedBatch{completed(10, 100*ms)}},
		{ourPolicy, 50 * ms, []governor.CompletedBatch{completed(20, 200*ms)}},
		{pidPolicy, 100 * ms, []governor.CompletedBatch{saving}},
	}
	all := r.perLaw()
	if len(all) != 2 || all[0].Policy != pidPolicy || all[1].Policy != ourPolicy {
		t.Fatalf("got %v, want a result of each law", all)
	}
	if p := all[0]; p.Records != 40 || p.Seconds != 0.2 || p.Batches.Count != 2 ||
		math.Abs(p.Batches.Busy-0.2) > 1e-9 ||
		p.Batches.Delay.P99 != 30 || len(p.Checkpoints) != 1 || p.Checkpoints[0].Took != 5 {
		t.Errorf("got %+v of Spark's law", p)
	}
	if g := all[1]; g.Records != 20 || g.Seconds != 0.05 || len(g.Checkpoints) != 0 || g.Series != nil {
		t.Errorf("got %+v of the governor", g)
	}
}
