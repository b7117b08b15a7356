package snapshot

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fillForDamage publishes checkpoints 1 to 6, each with a part of the segments of the one before,
// over several volumes.
func fillForDamage(t *testing.T, s *Store) {
	o := begin(t, s)
	var refs []Ref
	for id := uint64(1); id <= 6; id++ {
		fresh := o.write(t, id, 20<<10, upto(16)...)
		refs = append(fresh, refs[:min(len(refs), 16)]...)
		o.publish(t, id, refs)
	}
}

// TestDamage changes random bytes of random files, or cuts or removes them, in a directory that
// was closed and in one that was left by a crash.
func TestDamage(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	closed, crashed := t.TempDir(), t.TempDir()
	s, err := Open(testConfig(t, closed))
	if err != nil {
		t.Fatal(err)
	}
	fillForDamage(t, s)
	copyAlive(t, crashed, closed)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var outcomes struct{ refused, fellBack, whole int }
	for round := range rounds {
		from := []string{closed, crashed}[round%2]
		dir := filepath.Join(t.TempDir(), "state")
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		what := hurt(t, dir, rng)
		id, damaged := restoreDamaged(t, dir)
		switch {
		case id == 0:
			outcomes.refused++
		case id < 6:
			outcomes.fellBack++
			if !damaged && from == closed {
				t.Errorf("%s: fell back to checkpoint %d and reported no damage", what, id)
			}
		default:
			outcomes.whole++
		}
		if t.Failed() {
			t.Fatalf("round %d: %s", round, what)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d rounds: %+v", rounds, outcomes)
}

// hurt damages one file and says how.
func hurt(t *testing.T, dir string, rng *rand.Rand) string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != lockName {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	path := files[rng.IntN(len(files))]
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(b, "\x00"))
	at := rng.IntN(used + 1)
	how := "flip a bit of"
	switch kind := rng.IntN(10); {
	case kind == 0:
		how, b = "cut", b[:at]
	case kind == 1:
		how, b = "remove", nil
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	case at < len(b):
		b[at] ^= 1 << rng.IntN(8)
	}
	if how != "remove" {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return how + " " + strings.TrimPrefix(path, dir) + " at byte " + string(appendInt(nil, at))
}

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

// restoreDamaged does what a restart does: it takes the latest checkpoint until one can be read in
// full. It returns 0 if the directory is refused. Wrong bytes fail the test.
func restoreDamaged(t *testing.T, dir string) (id uint64, damaged bool) {
	t.Helper()
	s, err := Open(testConfig(t, dir))
	if err != nil {
		if !strings.Contains(err.Error(), dir) {
			t.Errorf("the error does not name the directory: %v", err)
		}
		return 0, true
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 10 {
		m, damage, err := s.Latest()
		damaged = damaged || len(damage) > 0
		if err != nil {
			if !errors.Is(err, ErrDamaged) || len(damage) == 0 {
				t.Errorf("Latest: got damage %v, error %v", damage, err)
			}
			return 0, true
		}
		if m == nil {
			t.Error("Latest: the directory passes for a fresh one")
			return 0, damaged
		}
		if readAll(t, s, m) {
			return m.ID, damaged
		}
	}
	t.Error("Latest returns checkpoints that cannot be read for ever")
	return 0, true
}

func readAll(t *testing.T, s *Store, m *Manifest) bool {
	ok := true
	m.refs(func(r Ref) {
		b, err := s.Read(r, nil)
		if err != nil {
			var d Damage
			if !errors.As(err, &d) || d.Step != "count" || d.Checkpoint != r.Checkpoint {
				t.Errorf("Read: the error does not name the segment: %v", err)
			}
			ok = false
		} else if !bytes.Equal(b, content(r.Checkpoint, int(r.KeyGroup), int(r.Bytes))) {
			t.Errorf("Read returned wrong bytes for %+v", r)
		}
	})
	return ok
}

// TestNumbersAfterLoss: numbers are not used again even if the volume that knew them is lost.
func TestNumbersAfterLoss(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	fillForDamage(t, s)
	old := s.Stats().Generation
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ids, err := volumeIDs(dir)
	if err != nil || len(ids) < 2 {
		t.Fatalf("volumes: %v, %v", ids, err)
	}
	if err := os.Remove(filepath.Join(volumeDir(dir, ids[len(ids)-1]), "MANIFEST")); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir)
	m, damage, err := s.Latest()
	if err != nil || len(damage) == 0 || m == nil || m.ID >= 6 {
		t.Fatalf("Latest: got %v, damage %v, error %v", m, damage, err)
	}
	if n := s.NextCheckpoint(); n <= 6 {
		t.Errorf("NextCheckpoint: got %d, want more than 6", n)
	}
	o := begin(t, s)
	if o.g <= old {
		t.Errorf("generation: got %d after %d", o.g, old)
	}
	id := s.NextCheckpoint()
	for range 4 { // until the damaged ones are retired
		o.publish(t, id, o.write(t, id, 100, 1))
		if err := s.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		id++
	}
	if m := latest(t, s); m.ID != id-1 {
		t.Errorf("Latest: got %d, want %d", m.ID, id-1)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := openTest(t, dir).NextCheckpoint(); n != id {
		t.Errorf("NextCheckpoint after recovery: got %d, want %d", n, id)
	}
}
