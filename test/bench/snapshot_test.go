package bench

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/state"
)

const entries = 1_000_000

// payload makes an entry of a hundred bytes with its key.
type payload [92]byte

func hashOf(b *testing.B) func(uint64) uint64 {
	hash, err := codec.HashFor[uint64]()
	if err != nil {
		b.Fatal(err)
	}
	return hash
}

// fill makes a table of a million entries, all changed.
func fill(b *testing.B, restore state.Restore) (*state.Backend, state.Keyed[uint64, payload]) {
	back := state.NewBackend(state.Config{Step: "bench", Groups: state.DefaultGroups,
		Range: state.Range{From: 0, To: state.DefaultGroups}, Restore: restore})
	t, err := state.Open(back, state.Spec[uint64, payload]{Name: "table"})
	if err != nil {
		b.Fatal(err)
	}
	return back, t
}

// disk is the path from a table to a store and back, as tasks go it.
type disk struct {
	b     *testing.B
	store *snapshot.Store
	w     *snapshot.Writer
	refs  []snapshot.Ref
	bytes int64
}

func (d *disk) Buffer(int) []byte { return make([]byte, 0, state.BlockBytes) }

func (d *disk) Block(blk state.Block) {
	ref, err := d.w.Put(snapshot.Segment{Step: "bench", State: blk.State,
		KeyGroup: uint16(blk.Group), Kind: snapshot.Base, Entries: uint32(blk.Entries)}, blk.Data)
	if err != nil {
		d.b.Fatal(err)
	}
	d.refs = append(d.refs, ref)
	d.bytes += int64(len(blk.Data))
}

func (d *disk) Schema(string) (state.Schema, bool) {
	key, _ := codec.For[uint64]()
	value, _ := codec.For[payload]()
	return state.Schema{State: "table", Key: key.Schema().String(), Value: value.Schema().String()}, true
}

func (d *disk) Each(_ string, f func(state.Stored) error) error {
	var buf []byte
	for _, ref := range d.refs {
		var err error
		if buf, err = d.store.Read(ref, buf[:0]); err != nil {
			return err
		}
		if err := f(state.Stored{Group: int(ref.KeyGroup), Data: buf}); err != nil {
			return err
		}
	}
	return nil
}

// save captures the table, encodes it, and makes it a published checkpoint.
func (d *disk) save(back *state.Backend) {
	gen, err := d.store.Begin(d.b.Context())
	if err != nil {
		d.b.Fatal(err)
	}
	id := d.store.NextCheckpoint()
	if d.w, err = d.store.NewWriter(gen, id, "bench", nil); err != nil {
		d.b.Fatal(err)
	}
	if err := back.Capture(d, true); err != nil {
		d.b.Fatal(err)
	}
	for done := false; !done; {
		if done, err = back.Encode(1024); err != nil {
			d.b.Fatal(err)
		}
	}
	if err := d.w.Flush(); err != nil {
		d.b.Fatal(err)
	}
	err = d.store.Publish(&snapshot.Manifest{Flow: "bench", ID: id, Generation: gen,
		KeyGroups: state.DefaultGroups, Created: time.Now(),
		Tasks: []snapshot.TaskSnapshot{{Vertex: "bench", States: []snapshot.StateSnapshot{{
			Step: "bench", State: "table", Segments: d.refs}}}}})
	if err != nil {
		d.b.Fatal(err)
	}
	back.Complete()
}

// BenchmarkSnapshot saves and restores a million changed entries of a hundred
// bytes, beside a sequential file with a checksum and an fsync.
func BenchmarkSnapshot(b *testing.B) {
	parent := b // the last store outlives its sub-benchmark
	hash := hashOf(b)
	back, t := fill(b, nil)
	for i := range uint64(entries) {
		v, _ := t.Update(i, hash(i))
		binary.LittleEndian.PutUint64(v[:], i)
	}
	var d *disk
	var saved, restored time.Duration
	n := 0
	b.Run("save", func(b *testing.B) {
		compare(b, func() time.Duration {
			return timed(func() { writeFile(b, filepath.Join(b.TempDir(), "file")) })
		}, func() time.Duration {
			store, err := snapshot.Open(snapshot.Config{Dir: parent.TempDir(), Flow: "bench"})
			if err != nil {
				b.Fatal(err)
			}
			if d != nil {
				d.store.Close()
			}
			d = &disk{b: b, store: store}
			took := timed(func() { d.save(back) })
			saved, n = saved+took, n+1
			return took
		})
		b.ReportMetric(entries*float64(n)/saved.Seconds()/1e6, "M-entries/s")
	})
	n = 0
	b.Run("restore", func(b *testing.B) {
		file := filepath.Join(b.TempDir(), "file")
		writeFile(b, file)
		compare(b, func() time.Duration {
			return timed(func() { readFile(b, file) })
		}, func() time.Duration {
			took := timed(func() {
				if _, t := fill(b, d); t.Len() != entries {
					b.Fatalf("restored %d entries, want %d", t.Len(), entries)
				}
			})
			restored, n = restored+took, n+1
			return took
		})
		b.ReportMetric(entries*float64(n)/restored.Seconds()/1e6, "M-entries/s")
	})
	d.store.Close()
}

// writeFile is the limit of saving: the same bytes in one stream.
func writeFile(b *testing.B, name string) {
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 256<<10)
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	both := io.MultiWriter(w, sum)
	entry := make([]byte, 8+len(payload{}))
	for i := range uint64(entries) {
		binary.LittleEndian.PutUint64(entry, i)
		binary.LittleEndian.PutUint64(entry[8:], i)
		both.Write(entry)
	}
	w.Write(sum.Sum(nil))
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// readFile is the limit of restoring: the bytes, checked, into a Go map.
func readFile(b *testing.B, name string) {
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	r := io.TeeReader(bufio.NewReaderSize(f, 256<<10), sum)
	entry := make([]byte, 8+len(payload{}))
	m := map[uint64]payload{}
	for range entries {
		if _, err := io.ReadFull(r, entry); err != nil {
			b.Fatal(err)
		}
		m[binary.LittleEndian.Uint64(entry)] = payload(entry[8:])
	}
}
