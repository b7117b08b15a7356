package snapshot

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

const (
	benchBlock  = 64 << 10
	benchBlocks = 1_000_000 * 112 / benchBlock // a million entries of 100 B and their keys
)

func openBench(b *testing.B) owned {
	s, err := Open(Config{Dir: b.TempDir(), Flow: testFlow, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return begin(b, s)
}

// writeBlocks stores the blocks of one checkpoint from several tasks and publishes it.
func (s owned) writeBlocks(b *testing.B, id uint64, tasks int, data []byte) {
	parts := make([][]Ref, tasks)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			w, err := s.NewWriter(s.g, id, "t", nil)
			if err != nil {
				b.Error(err)
				return
			}
			for n := range benchBlocks / tasks {
				r, err := w.Put(Segment{Step: "count", State: "n", KeyGroup: uint16(n % 128)}, data)
				if err != nil {
					b.Error(err)
					return
				}
				parts[i] = append(parts[i], r)
			}
			if err := w.Flush(); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	var refs []Ref
	for _, p := range parts {
		refs = append(refs, p...)
	}
	s.publish(b, id, refs)
}

// BenchmarkCheckpoint is one full checkpoint of 112 MB, durable, and the freeing of old ones.
func BenchmarkCheckpoint(b *testing.B) {
	for _, tasks := range []int{1, 2, 8} {
		b.Run(fmt.Sprintf("tasks=%d", tasks), func(b *testing.B) {
			s, id := openBench(b), uint64(0)
			data := content(1, 1, benchBlock)
			b.SetBytes(benchBlocks * benchBlock)
			b.ReportAllocs()
			for b.Loop() {
				id++
				s.writeBlocks(b, id, tasks, data)
				if err := s.Collect(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFile is the limit: a file of blocks with checksums, written in order and synced.
func BenchmarkFile(b *testing.B) {
	data := content(1, 1, benchBlock)
	path := filepath.Join(b.TempDir(), "file")
	b.SetBytes(benchBlocks * benchBlock)
	for b.Loop() {
		f, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 4*benchBlock)
		for range benchBlocks {
			_ = binary.Write(w, binary.LittleEndian, crc32.Checksum(data, castagnoli))
			if _, err := w.Write(data); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		_ = f.Close()
	}
}

// BenchmarkRestore opens a directory and reads its checkpoint of 112 MB.
func BenchmarkRestore(b *testing.B) {
	s := openBench(b)
	s.writeBlocks(b, 1, 2, content(1, 1, benchBlock))
	cfg := s.cfg
	b.SetBytes(benchBlocks * benchBlock)
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		var err error
		if s.Store, err = Open(cfg); err != nil {
			b.Fatal(err)
		}
		m, _, err := s.Latest()
		if err != nil {
			b.Fatal(err)
		}
		m.refs(func(r Ref) {
			if buf, err = s.Read(r, buf[:0]); err != nil {
				b.Fatal(err)
			}
		})
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPublish is a manifest alone.
func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{100, 3_000, 100_000} {
		b.Run(fmt.Sprintf("refs=%d", n), func(b *testing.B) {
			s := openBench(b)
			refs := s.write(b, 1, 300, make([]int, n)...)
			id := uint64(1)
			b.ReportAllocs()
			for b.Loop() {
				s.publish(b, id, refs)
				id++
			}
		})
	}
}

// BenchmarkRotate is the change to a new volume.
func BenchmarkRotate(b *testing.B) {
	s := openBench(b)
	for b.Loop() {
		s.Store.write.Lock()
		_, err := s.rotate(nil)
		s.Store.write.Unlock()
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Collect(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
