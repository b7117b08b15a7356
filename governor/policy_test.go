package governor

import (
	"slices"
	"testing"
)

func TestFixedGrantsEachChannelItsWindow(t *testing.T) {
	w := Window{Batches: 3, Bytes: 1000}
	busy := Observation{Channels: []Channel{{Queued: 8}, {Blocked: true}}}
	grants := Fixed(w).Step(busy, nil)
	if want := []Window{w, w}; !slices.Equal(grants, want) {
		t.Errorf("got %v, want %v", grants, want)
	}
	if again := Fixed(w).Step(Observation{}, grants[:0]); len(again) != 0 {
		t.Errorf("granted %v to no channel", again)
	}
}
