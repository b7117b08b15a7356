package state

import (
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// TestFetch looks ahead at entries that are there and at some that are not: it must
// change nothing, also in the eyes of the next capture.
func TestFetch(t *testing.T) {
	hash, _ := codec.HashFor[int]()
	b := NewBackend(Config{})
	table, err := Open(b, Spec[int, string]{Name: "names"})
	if err != nil {
		t.Fatal(err)
	}
	var hashes []uint64
	for i := range 3 * LocateSize {
		hashes = append(hashes, hash(i))
	}
	fetch := table.(Fetcher).Fetch
	fetch(nil)
	fetch(hashes) // of nothing yet
	for i := range 2 * LocateSize {
		v, _ := table.Update(i, hash(i))
		*v = "x"
	}
	if err := b.Capture(&tray{}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Encode(1 << 20); err != nil {
		t.Fatal(err)
	}
	b.Complete()
	for from := range 2 * LocateSize {
		fetch(hashes[from:])
	}
	if changed, _ := b.Sizes(); table.Len() != 2*LocateSize || changed != 0 {
		t.Errorf("%d entries and %d bytes of changes after looking, want %d and none",
			table.Len(), changed, 2*LocateSize)
	}
	for i := range 2 * LocateSize {
		if v := table.Get(i, hash(i)); v == nil || *v != "x" {
			t.Fatalf("entry %d is gone", i)
		}
	}
}
