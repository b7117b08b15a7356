package snapshot

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// collectInTime fails a Collect that goes round in circles instead of waiting for it for ever.
func collectInTime(t *testing.T, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Collect(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestCollectAfterCrash collects in a directory whose last volume is large, holds nothing live and
// cannot go yet, for it has the latest catalogue.
func TestCollectAfterCrash(t *testing.T) {
	left, dir := t.TempDir(), filepath.Join(t.TempDir(), "state")
	s := openTest(t, left)
	o := begin(t, s)
	o.publish(t, 1, o.write(t, 1, 50<<10, upto(10)...))
	o.write(t, 2, 64<<10, upto(200)...) // large volumes
	o.write(t, 3, 64<<10, upto(40)...)  // never published either
	copyAlive(t, dir, left)
	s = openTest(t, dir)
	last := s.home
	if last.size < 3<<20 || last.live > 0 {
		t.Fatalf("the last volume has %d bytes, %d live: the test needs a large dead one",
			last.size, last.live)
	}
	collectInTime(t, s)
	checkWhole(t, s, latest(t, s))

	o = begin(t, s)
	id := s.NextCheckpoint()
	o.publish(t, id, o.write(t, id, 50<<10, upto(10)...))
	collectInTime(t, s)
	if _, err := os.Stat(last.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the large volume after the next checkpoint: got %v, want it gone", err)
	}
	checkWhole(t, s, latest(t, s))
}

// TestCollectUnreadableManifest retires a checkpoint whose manifest has been damaged since the
// store was opened. Its volume must go like any other.
func TestCollectUnreadableManifest(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	cfg.Retain = 1
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	o := begin(t, s)
	o.publish(t, 1, o.write(t, 1, 30<<10, upto(20)...))
	first := s.manifests[1]
	spoilManifest(t, first, 1)
	for id := uint64(2); id < 8; id++ {
		o.publish(t, id, o.write(t, id, 60<<10, upto(40)...))
		collectInTime(t, s)
	}
	s.mu.Lock()
	manifests := first.manifests
	s.mu.Unlock()
	if manifests != 0 {
		t.Errorf("manifests counted in the volume of the retired one: got %d, want 0", manifests)
	}
	checkWhole(t, s, latest(t, s))
}

// TestManifestReadableAgain retires a checkpoint whose manifest could not be read when the store
// was opened and can be now. The one that shares its segments must keep them.
func TestManifestReadableAgain(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o := begin(t, s)
	refs := o.write(t, 1, 30<<10, upto(10)...)
	o.publish(t, 1, refs)
	o.publish(t, 2, append(o.write(t, 2, 30<<10, 10), refs...))
	repair := spoilManifest(t, s.manifests[1], 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, cfg.Dir)
	if _, err := s.Load(1); err == nil {
		t.Fatal("Load of a damaged manifest: got nil")
	}
	repair()
	if _, err := s.Load(1); err == nil {
		t.Error("Load of a manifest whose segments nothing holds: got nil")
	}
	if err := s.Delete(1, false); err != nil {
		t.Fatal(err)
	}
	collectInTime(t, s)
	m := latest(t, s)
	if m.ID != 2 {
		t.Fatalf("Latest: got checkpoint %d, want 2", m.ID)
	}
	checkWhole(t, s, m)
}

// spoilManifest changes a byte of a manifest in the value log under a running store, and returns
// what changes it back.
func spoilManifest(t *testing.T, v *volume, id uint64) (repair func()) {
	t.Helper()
	value, err := v.get(manifestKey(id), nil)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(v.dir, "*.vlog"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("value logs: %v, %v", logs, err)
	}
	b, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, value)
	if at < 0 {
		t.Fatal("the manifest is not in the value log")
	}
	overwrite(t, logs[0], int64(at)+9, ^value[9])
	return func() { overwrite(t, logs[0], int64(at)+9, value[9]) }
}

func overwrite(t *testing.T, path string, at int64, b byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte{b}, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
