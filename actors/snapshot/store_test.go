package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"
)

const testFlow = "wordcount"

func testConfig(t testing.TB, dir string) Config {
	t.Helper()
	return Config{Dir: dir, Flow: testFlow, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

func openTest(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(testConfig(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// content is what the tests store for a key group in a checkpoint.
func content(checkpoint uint64, group, n int) []byte {
	r := rand.New(rand.NewPCG(checkpoint, uint64(group)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// manifestOf is a manifest with one task and one state.
func manifestOf(g Generation, id uint64, refs []Ref) *Manifest {
	return &Manifest{
		Flow: testFlow, Fingerprint: "f", ID: id, Generation: g, Attempt: 1, KeyGroups: 128,
		Created: time.Unix(1700000000, int64(id)),
		Tasks: []TaskSnapshot{{
			Vertex: "split → count", Steps: []string{"split", "count"}, Watermark: -5,
			Splits:  []SplitOffset{{"lines", "0", []byte("a.txt"), []byte{7}, true, 12}},
			Commits: []PendingCommit{{"out", 0, []byte("token")}},
			States:  []StateSnapshot{{"count", "n", "v1 string", "v1 int", refs}},
		}},
	}
}

// write stores segments of size bytes for groups [0, groups) and returns their refs.
func write(t testing.TB, s *Store, g Generation, id uint64, groups, size int) []Ref {
	t.Helper()
	w, err := s.NewWriter(g, id, "count[0]")
	if err != nil {
		t.Fatal(err)
	}
	var refs []Ref
	for i := range groups {
		seg := Segment{Step: "count", State: "n", KeyGroup: uint16(i), Entries: 1}
		r, err := w.Put(seg, content(id, i, size))
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return refs
}

func publish(t testing.TB, s *Store, g Generation, id uint64, refs []Ref) {
	t.Helper()
	if err := s.Publish(manifestOf(g, id, refs)); err != nil {
		t.Fatal(err)
	}
}

func begin(t testing.TB, s *Store) Generation {
	t.Helper()
	g, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// checkWhole reads every segment of a checkpoint and compares it with what was written.
func checkWhole(t testing.TB, s *Store, m *Manifest) {
	t.Helper()
	var buf []byte
	m.refs(func(r Ref) {
		var err error
		if buf, err = s.Read(r, buf[:0]); err != nil {
			t.Fatal(err)
		}
		if want := content(r.Checkpoint, int(r.KeyGroup), int(r.Bytes)); !bytes.Equal(buf, want) {
			t.Fatalf("checkpoint %d, segment %+v: the bytes are not those written", m.ID, r)
		}
	})
}

func latest(t testing.TB, s *Store) *Manifest {
	t.Helper()
	m, damage, err := s.Latest()
	if err != nil || len(damage) > 0 {
		t.Fatalf("Latest: damage %v, error %v", damage, err)
	}
	return m
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	if m := latest(t, s); m != nil {
		t.Fatalf("a fresh store has checkpoint %d", m.ID)
	}
	if n := s.NextCheckpoint(); n != 1 {
		t.Errorf("NextCheckpoint in a fresh store: got %d, want 1", n)
	}
	g := begin(t, s)
	refs := append(write(t, s, g, 1, 3, 64<<10), write(t, s, g, 1, 2, 0)...)
	refs = append(refs, write(t, s, g, 1, 2, 1<<20)...)
	want := manifestOf(g, 1, refs)
	if err := s.Publish(want); err != nil {
		t.Fatal(err)
	}
	refs = append(refs[:1:1], write(t, s, g, 2, 300, 100)...)
	publish(t, s, g, 2, refs)
	for range 2 { // the same store, then one opened anew
		if n := s.NextCheckpoint(); n != 3 {
			t.Errorf("NextCheckpoint: got %d, want 3", n)
		}
		m, err := s.Load(1)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", want); got != want {
			t.Errorf("Load(1):\ngot  %s\nwant %s", got, want)
		}
		checkWhole(t, s, m)
		if m = latest(t, s); m.ID != 2 {
			t.Errorf("Latest: got checkpoint %d, want 2", m.ID)
		}
		checkWhole(t, s, m)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openTest(t, dir)
	}
}

func TestFencing(t *testing.T) {
	s := openTest(t, t.TempDir())
	if _, err := s.NewWriter(0, 1, "t"); !errors.Is(err, ErrFenced) {
		t.Errorf("NewWriter before Begin: got %v, want ErrFenced", err)
	}
	old := begin(t, s)
	refs := write(t, s, old, 1, 1, 10)
	w, err := s.NewWriter(old, 1, "t")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Put(Segment{}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	g := begin(t, s)
	if g <= old {
		t.Errorf("generations: got %d after %d", g, old)
	}
	if err := w.Flush(); !errors.Is(err, ErrFenced) {
		t.Errorf("Flush of an old writer: got %v, want ErrFenced", err)
	}
	if _, err := s.NewWriter(old, 2, "t"); !errors.Is(err, ErrFenced) {
		t.Errorf("NewWriter of an old generation: got %v, want ErrFenced", err)
	}
	if err := s.Publish(manifestOf(old, 1, refs)); !errors.Is(err, ErrFenced) {
		t.Errorf("Publish of an old generation: got %v, want ErrFenced", err)
	}
	if err := s.Publish(manifestOf(g, 2, refs)); err == nil {
		t.Error("Publish with the segments of a swept checkpoint: got nil")
	}
	if n := s.NextCheckpoint(); n != 2 {
		t.Errorf("NextCheckpoint: got %d, want 2", n)
	}
	if _, err := s.NewWriter(g, 1, "t"); err == nil {
		t.Error("NewWriter for a number that is taken: got nil")
	}
}
