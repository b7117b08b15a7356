package governor

import (
	"slices"
	"testing"
)

func TestFixedGrantsEachChannelItsWindow(t *testing.T) {
	w := Window{Batches: 3, Bytes: 1000}
	busy := Observation{Channels: []Channel{{Queued: 8}, {Blocked: true}}}
	var d Decision
	Fixed(w).Step(&busy, &d)
	if want := []Grant{{Window: w}, {Window: w}}; !slices.Equal(d.Grants, want) {
		t.Errorf("got %v, want %v", d.Grants, want)
	}
	if Fixed(w).Step(&Observation{}, &d); len(d.Grants) != 0 {
		t.Errorf("granted %v to no channel", d.Grants)
	}
}
