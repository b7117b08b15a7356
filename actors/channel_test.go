package actors

import (
	"sync"
	"testing"

	"github.com/flyball-stream/flyball/governor"
)

func TestChannelNeverOverdraws(t *testing.T) {
	c := newChannel(0, 0, governor.Window{Batches: 3, Bytes: 100})
	taken := 0
	for c.tryTake(40) {
		taken++
	}
	if taken != 3 {
		t.Errorf("took %d batches of 40 bytes from a window of 3 and 100, want 3", taken)
	}
	if _, bytes := c.held(); bytes != -20 {
		t.Errorf("%d bytes left, want the last batch to overdraw by 20", bytes)
	}
	c.give(40)
	if !c.tryTake(500) {
		t.Error("a batch larger than the window cannot travel even when there is credit")
	}
	if c.tryTake(1) {
		t.Error("took credit that is not there")
	}
}

func TestChannelShrinksAsBatchesReturn(t *testing.T) {
	c := newChannel(0, 0, governor.Window{Batches: 4, Bytes: 400})
	for range 4 {
		c.tryTake(10)
	}
	c.resize(governor.Window{Batches: 1, Bytes: 400})
	for i := range 3 {
		if c.give(10); c.tryTake(10) {
			t.Fatalf("took credit after %d batches of a window that shrank from 4 to 1", i+1)
		}
	}
	if c.give(10); !c.tryTake(10) {
		t.Error("no credit after everything came back")
	}
}

// TestChannelWakesItsSender passes batches between two goroutines; a wake-up
// that is lost leaves the sender waiting for ever.
func TestChannelWakesItsSender(t *testing.T) {
	for _, w := range []governor.Window{{Batches: 1, Bytes: 1}, {Batches: 8, Bytes: 1000}} {
		c := newChannel(0, 0, w)
		sent := make(chan struct{}, w.Batches)
		var done sync.WaitGroup
		done.Go(func() {
			for range 100_000 {
				<-sent
				c.give(10)
			}
		})
		for range 100_000 {
			for !c.tryTake(10) {
				if c.park() {
					<-c.wake
				}
			}
			sent <- struct{}{} // blocks, and fails the test by hanging, if overdrawn
		}
		done.Wait()
		if b, bytes := c.held(); b != int64(w.Batches) || bytes != int64(w.Bytes) {
			t.Errorf("window %+v: %d batches and %d bytes left at the end", w, b, bytes)
		}
	}
}

// TestChannelWakesOnceMostIsBack is what keeps wake-ups rare: each costs the
// receiver more than a batch of cheap records.
func TestChannelWakesOnceMostIsBack(t *testing.T) {
	for _, tc := range []struct{ window, back int }{{1, 1}, {2, 1}, {3, 2}, {4, 3}, {64, 48}} {
		c := newChannel(0, 0, governor.Window{Batches: tc.window, Bytes: 1000})
		for range tc.window {
			c.tryTake(1)
		}
		if !c.park() {
			t.Fatalf("window %d: credit is left", tc.window)
		}
		back := 0
		for len(c.wake) == 0 && back < tc.window {
			c.give(1)
			back++
		}
		if len(c.wake) == 0 || back != tc.back {
			t.Errorf("window %d: %d wake-ups after %d batches, want one after %d",
				tc.window, len(c.wake), back, tc.back)
		}
	}
}
