package snapshot

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// cachedBytes is how much the page cache keeps of the first bytes of the value logs of a
// directory's volumes: what it has read ahead lies beyond.
func cachedBytes(t *testing.T, dir string, first int) (n int64) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(dir, volumePrefix+"*", firstLog))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range logs {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var stat unix.Cachestat_t
		err = unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{Len: uint64(first)}, &stat, 0)
		f.Close()
		if err == unix.ENOSYS || err == unix.EOPNOTSUPP {
			t.Skip("the kernel does not tell what it caches")
		}
		if err != nil {
			t.Fatal(err)
		}
		n += int64(stat.Cache) * int64(os.Getpagesize())
	}
	return n
}

// TestPageCacheStaysSmall writes a checkpoint: what of it is durable must not stay in memory, nor
// may much wait for the flush.
func TestPageCacheStaysSmall(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	cfg.volumeBytes = 128 << 20
	open, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := open.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := begin(t, open)
	w, err := s.NewWriter(s.g, 1, "t", nil)
	if err != nil {
		t.Fatal(err)
	}
	const size, n = 64 << 10, 96 << 20 / (64 << 10)
	const most = spillBytes + 4<<20
	var blocks [8][]byte
	for i := range blocks {
		blocks[i] = content(1, i, size)
	}
	var refs []Ref
	for i := range n {
		r, err := w.Put(Segment{Step: "count", State: "n", KeyGroup: uint16(i % 128)}, blocks[i%8])
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, r)
		if got := cachedBytes(t, s.cfg.Dir, (i+1)*size); got > most {
			t.Fatalf("of %d KiB %d KiB are cached, want %d at most", (i+1)*size>>10, got>>10, most>>10)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := cachedBytes(t, s.cfg.Dir, n*size); got > 1<<20 {
		t.Errorf("after the flush %d KiB are cached, want next to nothing", got>>10)
	}
	for i, r := range refs {
		got, err := s.Read(r, nil)
		if err != nil || !bytes.Equal(got, blocks[i%8]) {
			t.Fatalf("segment %d: %d bytes, error %v; want what was put", i, len(got), err)
		}
	}
}
