package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const testFlow = "wordcount"

// testConfig is a store of volumes of 1 MiB.
func testConfig(t testing.TB, dir string) Config {
	t.Helper()
	return Config{
		Dir: dir, Flow: testFlow, volumeBytes: 1 << 20,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
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

// owned is a store and the generation that writes to it.
type owned struct {
	*Store
	g Generation
}

// write stores a segment of size bytes for each group and returns the refs.
func (s owned) write(t testing.TB, id uint64, size int, groups ...int) []Ref {
	t.Helper()
	w, err := s.NewWriter(s.g, id, "count[0]", nil)
	if err != nil {
		t.Fatal(err)
	}
	var refs []Ref
	for _, i := range groups {
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

func (s owned) publish(t testing.TB, id uint64, refs []Ref) {
	t.Helper()
	if err := s.Publish(manifestOf(s.g, id, refs)); err != nil {
		t.Fatal(err)
	}
}

func begin(t testing.TB, s *Store) owned {
	t.Helper()
	g, err := s.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return owned{s, g}
}

// upto is 0, 1, … n-1.
func upto(n int) []int {
	groups := make([]int, n)
	for i := range groups {
		groups[i] = i
	}
	return groups
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
	o := begin(t, s)
	refs := append(o.write(t, 1, 64<<10, 1, 2, 3), o.write(t, 1, 0, 4, 5)...)
	refs = append(refs, o.write(t, 1, 3<<20, 6)...)
	want := manifestOf(o.g, 1, refs)
	if err := s.Publish(want); err != nil {
		t.Fatal(err)
	}
	refs = append(refs[:1:1], o.write(t, 2, 100, upto(300)...)...)
	o.publish(t, 2, refs)
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
	if _, err := s.NewWriter(0, 1, "t", nil); !errors.Is(err, ErrFenced) {
		t.Errorf("NewWriter before Begin: got %v, want ErrFenced", err)
	}
	old := begin(t, s)
	refs := old.write(t, 1, 10, 1)
	w, err := s.NewWriter(old.g, 1, "t", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Put(Segment{}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	o := begin(t, s)
	if o.g <= old.g {
		t.Errorf("generations: got %d after %d", o.g, old.g)
	}
	if err := w.Flush(); !errors.Is(err, ErrFenced) {
		t.Errorf("Flush of an old writer: got %v, want ErrFenced", err)
	}
	if _, err := s.NewWriter(old.g, 2, "t", nil); !errors.Is(err, ErrFenced) {
		t.Errorf("NewWriter of an old generation: got %v, want ErrFenced", err)
	}
	if err := s.Publish(manifestOf(old.g, 1, refs)); !errors.Is(err, ErrFenced) {
		t.Errorf("Publish of an old generation: got %v, want ErrFenced", err)
	}
	if err := s.Publish(manifestOf(o.g, 2, refs)); err == nil {
		t.Error("Publish with the segments of a swept checkpoint: got nil")
	}
	if n := s.NextCheckpoint(); n != 2 {
		t.Errorf("NextCheckpoint: got %d, want 2", n)
	}
	if _, err := s.NewWriter(o.g, 1, "t", nil); err == nil {
		t.Error("NewWriter for a number that is taken: got nil")
	}
}

func TestRefusedDirectories(t *testing.T) {
	ours := func(t *testing.T, dir string) {
		if err := openTest(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name  string
		make  []func(*testing.T, string)
		flow  string
		wants string
	}{
		{"foreign files", []func(*testing.T, string){file("photo.jpg", "")}, testFlow, "empty directory"},
		{"other flow", []func(*testing.T, string){ours}, "other", `flow "wordcount"`},
		{"torn identity", []func(*testing.T, string){ours, file(identityName, "fly")}, testFlow, "restore it"},
		{"other format", []func(*testing.T, string){
			file(identityName, string(withChecksum([]byte("flyball state 9\n")))),
		}, testFlow, "another release"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range tt.make {
				f(t, dir)
			}
			cfg := testConfig(t, dir)
			cfg.Flow = tt.flow
			_, err := Open(cfg)
			if err == nil || !strings.Contains(err.Error(), tt.wants) || !strings.Contains(err.Error(), dir) {
				t.Errorf("Open: got %v, want an error with %q and the path", err, tt.wants)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(testConfig(t, path)); err == nil || !strings.Contains(err.Error(), "it is a file") {
		t.Errorf("Open of a file: got %v", err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	openTest(t, dir)
	if _, err := Open(testConfig(t, dir)); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open: got %v, want ErrLocked", err)
	}
}

func TestKeepDeleteList(t *testing.T) {
	dir := t.TempDir()
	cfg := testConfig(t, dir)
	cfg.Retain = 2
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o := begin(t, s)
	for id := uint64(1); id <= 5; id++ {
		o.publish(t, id, o.write(t, id, 1000, 1, 2))
		if id == 1 {
			if err := s.Keep(1, "before"); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(5, false); err == nil {
		t.Error("Delete of the newest: got nil")
	}
	if err := s.Delete(1, false); err == nil {
		t.Error("Delete of a savepoint: got nil")
	}
	if err := s.Delete(3, true); !errors.Is(err, ErrNotFound) {
		t.Errorf("Delete of a retired one: got %v, want ErrNotFound", err)
	}
	if err := s.Delete(4, false); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir)
	var got []string
	for _, i := range s.List() {
		got = append(got, fmt.Sprintf("%d %v %q %d %d", i.ID, i.Kind, i.Label, i.Segments, i.Bytes))
		if d := s.Verify(i.ID); len(d) > 0 {
			t.Errorf("Verify(%d): %v", i.ID, d)
		}
	}
	if want := `[1 savepoint "before" 2 2000 5 checkpoint "" 2 2000]`; fmt.Sprint(got) != want {
		t.Errorf("List: got %v, want %v", got, want)
	}
	if m, err := s.Load(1); err != nil || m.Kind != Savepoint || m.Label != "before" {
		t.Errorf("Load(1): got %+v, %v", m, err)
	}
	if d := s.Verify(2); len(d) != 1 || !errors.Is(d[0], ErrNotFound) {
		t.Errorf("Verify of a retired one: got %v", d)
	}
}
