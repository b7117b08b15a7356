package governor

import (
	"testing"
	"time"
)

func TestPIDFollowsSparksLaw(t *testing.T) {
	p, err := NewPID(Config{Window: Window{Batches: 64, Bytes: 1 << 20}}, SparkGains, 0)
	if err != nil {
		t.Fatal(err)
	}
	obs := Observation{Period: period, Channels: []Channel{
		{Records: 3840, Batches: 7}, {Records: 1280, Batches: 3}, {},
	}, Records: 5120, Batches: 10, Busy: 50 * ms, Checkpoint: Checkpoint{Due: -1}}
	var d Decision
	step := func() {
		obs.Now += period
		p.Step(&obs, &d)
	}
	if step(); d.Reason.Rate != BoundLearning || d.Grants[0].Window.Batches != 64 {
		t.Errorf("the first period primes: got %v, %v", d.Reason, d.Grants)
	}
	step() // 5120 in 50 ms, nothing waits
	if d.Reason.Rate != BoundPID || d.Reason.Limit != 102400 {
		t.Errorf("got %v, want a rate of 102400", d.Reason)
	}
	if a, b, c := d.Grants[0], d.Grants[1], d.Grants[2]; a.Window.Batches != 15 ||
		b.Window.Batches != 5 || c.Window.Batches != 64 || c.Rate != 0 {
		t.Errorf("got %v, want windows of 15, 5 and, for the silent one, 64 batches", d.Grants)
	}
	obs.Checkpoint.Encode = 50 * ms // counts as processing
	obs.Channels[0].InFlight = Window{Batches: 5}
	step() // 51200/s; 2560 wait: a fifth of 2560 in 100 ms is taken off
	if want := 51200 - 0.2*25600; d.Reason.Limit != want {
		t.Errorf("with a checkpoint: got %v, want a rate of %v", d.Reason, want)
	}
}

func TestPIDGathersItsInterval(t *testing.T) {
	p, err := NewPID(Config{}, SparkGains, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var d Decision
	obs := Observation{Period: period, Records: 1000, Batches: 2, Busy: 50 * ms}
	for i := range 20 {
		obs.Now += period
		p.Step(&obs, &d)
		if known := d.Rate > 0; known != (i == 19) {
			t.Errorf("period %d: a rate of %v, want one after two intervals", i, d.Rate)
		}
	}
}

func TestPIDOfASourceHeedsDownstream(t *testing.T) {
	p, err := NewPID(Config{}, SparkGains, 0)
	if err != nil {
		t.Fatal(err)
	}
	var d Decision
	obs := Observation{
		Period: period, Records: 1000, Batches: 2, Busy: ms,
		Outputs: []Output{{Records: 2000, Lanes: []Lane{{Records: 2000, Rate: 500}}}},
	}
	for range 5 {
		obs.Now += period
		p.Step(&obs, &d)
	}
	if d.Rate != 250 || d.Reason.Rate != BoundDownstream {
		t.Errorf("got %v, %v, want 250 records/s: two leave for one", d.Rate, d.Reason)
	}
}
