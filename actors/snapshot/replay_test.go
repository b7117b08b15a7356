package snapshot

import (
	"bufio"
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"

	checkpointv1 "github.com/flyball-stream/flyball/proto/checkpoint/v1"
)

// crashedCopy is a directory as a crash leaves it, with checkpoint 1, and its volume.
func crashedCopy(t testing.TB) (dir, volume string) {
	t.Helper()
	from, dir := t.TempDir(), filepath.Join(t.TempDir(), "state")
	o := begin(t, openTest(t, from))
	o.publish(t, 1, o.write(t, 1, 500, 1, 2, 3))
	copyAlive(t, dir, from)
	return dir, volumeDir(dir, 1)
}

// TestCrashWhileSealing leaves a volume at every point of its recovery, which is that of sealing.
func TestCrashWhileSealing(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	steps := []struct {
		name string
		do   func(dir string) error
	}{
		{"log copied", func(dir string) error { return copyWAL(dir, 1<<20) }},
		{"table made", func(dir string) error {
			db, err := openBadger(badgerOptions(dir, 1<<20, 1<<20, log))
			if err != nil {
				return err
			}
			return db.Close()
		}},
		{"sealed", writeSeal},
	}
	for n := range len(steps) + 1 {
		name := "crashed"
		if n > 0 {
			name = steps[n-1].name
		}
		t.Run(name, func(t *testing.T) {
			dir, volume := crashedCopy(t)
			for _, s := range steps[:n] {
				if err := s.do(volume); err != nil {
					t.Fatal(s.name, err)
				}
			}
			s := openTest(t, dir)
			m := latest(t, s)
			if m == nil || m.ID != 1 {
				t.Fatalf("Latest: got %+v, want checkpoint 1", m)
			}
			checkWhole(t, s, m)
		})
	}
}

// TestUnfinishedVolume: a volume whose making was cut off held nothing and goes without a word.
func TestUnfinishedVolume(t *testing.T) {
	dir, volume := crashedCopy(t)
	next := volumeDir(dir, 2)
	if err := os.CopyFS(next, os.DirFS(volume)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(next, headName)); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, dir)
	checkWhole(t, s, latest(t, s))
	if _, err := os.Stat(next); !os.IsNotExist(err) {
		t.Errorf("the unfinished volume is still there: %v", err)
	}
}

func FuzzWholeEntries(f *testing.F) {
	_, volume := crashedCopy(f)
	for _, pattern := range []string{"*.mem", "*.vlog"} {
		files, err := filepath.Glob(filepath.Join(volume, pattern))
		if err != nil || len(files) != 1 {
			f.Fatal(files, err)
		}
		b, err := readHead(files[0], 4096)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		end, err := wholeEntries(bufio.NewReader(bytes.NewReader(b)), int64(len(b)))
		if err == nil && (end < logHeader || end > int64(len(b))) {
			t.Errorf("end %d of %d bytes", end, len(b))
		}
		if err != nil {
			return
		}
		again, err := wholeEntries(bufio.NewReader(bytes.NewReader(b[:end])), end)
		if err != nil || again != end {
			t.Errorf("of the first %d bytes, %d are whole entries (%v)", end, again, err)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	p, err := newPacker()
	if err != nil {
		f.Fatal(err)
	}
	refs := []Ref{{Segment: Segment{"s", "n", 3, Delta, 9}, Generation: 1, Checkpoint: 2, Bytes: 5}}
	b, err := p.pack(toWire(manifestOf(1, 2, refs)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[4:])
	f.Fuzz(func(t *testing.T, b []byte) {
		raw, err := p.dec.DecodeAll(b, nil)
		if err != nil {
			return
		}
		var w checkpointv1.Manifest
		if proto.Unmarshal(raw, &w) != nil {
			return
		}
		m, err := fromWire(&w)
		if err != nil {
			return
		}
		again, err := fromWire(toWire(m))
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("got %+v, %v, want %+v", again, err, m)
		}
	})
}
