package state

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

func open[V any](t *testing.T, from Restore) (*Backend, Keyed[uint16, V]) {
	t.Helper()
	b := NewBackend(Config{Step: "step", Groups: 2, Range: Range{0, 2}, Restore: from})
	table, err := Open(b, Spec[uint16, V]{Name: "table"})
	if err != nil {
		t.Fatal(err)
	}
	return b, table
}

func put[V any](t *testing.T, table Keyed[uint16, V], k uint16, v V) {
	t.Helper()
	hash, err := codec.HashFor[uint16]()
	if err != nil {
		t.Fatal(err)
	}
	at, _ := table.Update(k, hash(k))
	*at = v
}

// checkpoint takes a whole capture and publishes it to d.
func checkpoint(t *testing.T, b *Backend, d *durable) {
	t.Helper()
	var into tray
	if err := b.Capture(&into, false); err != nil {
		t.Fatal(err)
	}
	for done := false; !done; {
		var err error
		if done, err = b.Encode(1000); err != nil {
			t.Fatal(err)
		}
	}
	d.publish(into.blocks)
	d.schema = b.Schemas()[0]
	b.Complete()
}

// TestChangedSchemaRewrites restores a table whose value has gained a field.
// One stored schema speaks for all blocks of a table, so the first checkpoint
// after that must leave none in the older layout.
func TestChangedSchemaRewrites(t *testing.T) {
	type value struct{ A int32 }
	var d durable
	b, old := open[value](t, nil)
	for k := range uint16(100) {
		put(t, old, k, value{int32(k)})
	}
	checkpoint(t, b, &d)

	type wider struct{ A, B int32 }
	b, table := open[wider](t, &d)
	put(t, table, 7, wider{70, 700})
	checkpoint(t, b, &d)

	_, table = open[wider](t, &d)
	n := 0
	table.Range(func(k uint16, v *wider) bool {
		want := wider{A: int32(k)}
		if k == 7 {
			want = wider{70, 700}
		}
		if *v != want {
			t.Errorf("key %d: got %v, want %v", k, *v, want)
		}
		n++
		return true
	})
	if n != 100 {
		t.Errorf("got %d entries, want 100", n)
	}
}

// TestShortLivedEntries checks that what comes and goes between captures
// leaves nothing behind.
func TestShortLivedEntries(t *testing.T) {
	b, table := open[int64](t, nil)
	hash, _ := codec.HashFor[uint16]()
	put(t, table, 0, 1)
	for i := range 100_000 {
		k := uint16(1 + i%10_000)
		table.Update(k, hash(k))
		table.Delete(k, hash(k))
	}
	for i := range table.(*memory[uint16, int64]).groups {
		g := &table.(*memory[uint16, int64]).groups[i]
		if len(g.dirty) > 1000 || len(g.tombs) > 0 {
			t.Errorf("group %d notes %d changes and %d deletions of 1 entry",
				i, len(g.dirty), len(g.tombs))
		}
	}
	var d durable
	checkpoint(t, b, &d)
	if _, table = open[int64](t, &d); table.Len() != 1 {
		t.Errorf("got %d entries back, want 1", table.Len())
	}
}

func TestOpenErrors(t *testing.T) {
	var d durable
	b, table := open[int64](t, nil)
	put(t, table, 1, 1)
	if _, err := Open(b, Spec[uint16, int64]{Name: "table"}); err == nil {
		t.Error("two states of one name: got no error")
	}
	checkpoint(t, b, &d)
	for g := range d.runs {
		for i, blk := range d.runs[g][0] {
			d.runs[g][0][i].Data = blk.Data[:len(blk.Data)-len(blk.Data)/2]
		}
	}
	b = NewBackend(Config{Step: "step", Groups: 2, Range: Range{0, 2}, Restore: &d})
	_, err := Open(b, Spec[uint16, int64]{Name: "table"})
	if err == nil || !strings.Contains(err.Error(), `step "step": open state "table"`) {
		t.Errorf("torn block: got %v, want an error that names step and state", err)
	}
	d.schema.Value = "v1 string"
	if _, err = Open(b, Spec[uint16, int64]{Name: "table"}); err == nil {
		t.Error("an int64 read as a string: got no error")
	}
}

func TestGroups(t *testing.T) {
	for _, parallelism := range []int{1, 3, 7, 128} {
		route := Route(parallelism, 128)
		for s := range parallelism {
			r := RangeOf(s, parallelism, 128)
			if r.Len() < 128/parallelism || r.Len() > 128/parallelism+1 {
				t.Errorf("subtask %d of %d owns %d groups", s, parallelism, r.Len())
			}
			for g := r.From; g < r.To; g++ {
				if int(route[g]) != s {
					t.Errorf("group %d goes to %d, want %d", g, route[g], s)
				}
			}
		}
	}
	const hash = 0xdeadbeef_01234567
	for part := range uint64(1000) {
		if got, want := GroupOf(SubHash(hash, part), 128), GroupOf(hash, 128); got != want {
			t.Fatalf("part %d is in group %d, want its key's %d", part, got, want)
		}
	}
}

// TestKeysAreOwned looks that a table does not keep a whole line for the sake
// of one word of it.
func TestKeysAreOwned(t *testing.T) {
	type word string
	b := NewBackend(Config{Step: "step"})
	table, err := Open(b, Spec[word, int]{Name: "table"})
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("x", 1000)
	key := word(line[10:15])
	table.Update(key, table.(*memory[word, int]).spec.Hash(key))
	table.Range(func(kept word, _ *int) bool {
		if kept != key {
			t.Errorf("kept %q, want %q", kept, key)
		}
		if unsafe.StringData(string(kept)) == unsafe.StringData(string(key)) {
			t.Error("the table keeps the memory of the line")
		}
		return true
	})
}
