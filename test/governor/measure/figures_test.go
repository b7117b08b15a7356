package main

import (
	"math"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

const ms = time.Millisecond

func TestQuantile(t *testing.T) {
	v := []float64{5, 1, 4, 2, 3}
	for _, tt := range []struct{ q, want float64 }{{0, 1}, {0.2, 1}, {0.5, 3}, {0.81, 5}, {0.99, 5}, {1, 5}} {
		if got := quantile(v, tt.q); got != tt.want {
			t.Errorf("quantile %v: got %v, want %v", tt.q, got, tt.want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("of nothing: got %v, want 0", got)
	}
	if got := spreadOf(v); got != (spread{3, 1, 5}) {
		t.Errorf("got %+v, want 3 between 1 and 5", got)
	}
}

func TestVariation(t *testing.T) {
	if got := variation([]float64{2, 4, 4, 4, 5, 5, 7, 9}); got != 2.0/5 {
		t.Errorf("got %v, want a deviation of 2 over a mean of 5", got)
	}
	for _, v := range [][]float64{nil, {0, 0}, {7}} {
		if got := variation(v); got != 0 {
			t.Errorf("%v: got %v, want 0", v, got)
		}
	}
}

func TestRatiosAreOfNeighbours(t *testing.T) {
	got := ratios([]float64{2, 9, 8}, []float64{1, 3, 0, 5})
	if len(got) != 2 || got[0] != 2 || got[1] != 3 {
		t.Errorf("got %v, want 2 and 3", got)
	}
}

func TestLine(t *testing.T) {
	var x, y []float64
	for i := range 40 {
		x = append(x, float64(100+50*(i%7)))
		y = append(y, 12+0.25*x[i])
	}
	if a, s, ok := line(x, y); !ok || math.Abs(a-12) > 1e-9 || math.Abs(s-0.25) > 1e-9 {
		t.Errorf("got %v + %v·x, %v, want 12 + 0.25·x", a, s, ok)
	}
	if _, _, ok := line([]float64{5, 5, 5, 5.1}, []float64{1, 2, 3, 4}); ok {
		t.Error("a line was fitted through batches of one size")
	}
	if a, s, ok := line([]float64{1, 2, 3}, []float64{3, 2, 1}); !ok || a != 2 || s != 0 {
		t.Errorf("falling: got %v + %v·x, want the mean and no slope", a, s)
	}
}

// TestBatches gives batches whose cost is 30 ms and 10 µs a record, with a
// checkpoint of 200 ms in every third, and as long again to wait.
func TestBatches(t *testing.T) {
	var all []governor.CompletedBatch
	for i := range 30 {
		b := governor.CompletedBatch{Records: int64(1000 * (1 + i%5)), Closed: time.Duration(i) * time.Second}
		took := 30*ms + time.Duration(b.Records)*10*time.Microsecond
		if i%3 == 0 {
			b.Checkpoint = 200 * ms
		}
		b.Started = b.Closed + took
		b.Done = b.Started + took + b.Checkpoint
		all = append(all, b)
	}
	got := batchesOf(all, 100*ms, spanOf(all))
	if math.Abs(got.Fixed-30) > 1e-6 || math.Abs(got.Record-0.01) > 1e-9 {
		t.Errorf("got %v ms and %v ms a record, want 30 and 0.01", got.Fixed, got.Record)
	}
	if got.Saving != 200 || got.Count != 30 || got.Delay.P99 != 360 {
		t.Errorf("got %+v, want checkpoints of 200 ms and a p99 of 2·80+200", got)
	}
	if want := 10.0 / 30; math.Abs(got.Overruns-want) > 1e-9 {
		t.Errorf("got a part of %v longer than the interval, want that with checkpoints, %v", got.Overruns, want)
	}
	if want := (30*60.0 + 10*200) / (29_160 - 40); math.Abs(got.Busy-want) > 1e-9 {
		t.Errorf("got a part of %v of the time busy, want %v", got.Busy, want)
	}
	if none := batchesOf(nil, 100*ms, spanOf(nil)); none.Fixed >= 0 || none.Count != 0 {
		t.Errorf("of no batches: got %+v", none)
	}
}

func TestWarmingGrowsWithState(t *testing.T) {
	if got := warming(3*time.Second, 256<<20); got != 6*time.Second {
		t.Errorf("got %v for 256 MiB, want 6 s", got)
	}
}
