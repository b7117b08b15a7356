// Package snapshot (temporary).
package snapshot

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

type Config struct {
	Dir, Flow   string
	Retain      int
	MemoryBytes int64
	Logger      *slog.Logger
}
type Generation uint64
type SegmentKind int

const (
	Base SegmentKind = iota
	Delta
)

type Kind int

const (
	Checkpoint Kind = iota
	Savepoint
)

type Segment struct {
	Step, State string
	KeyGroup    uint16
	Kind        SegmentKind
	Entries     uint32
}
type Ref struct {
	Segment
	Generation, Checkpoint, Sequence uint64
	Bytes                            uint32
}
type SplitOffset struct {
	Step, ID        string
	Payload, Offset []byte
	Done            bool
	Watermark       int64
}
type PendingCommit struct {
	Step    string
	Subtask int
	Token   []byte
}
type StateSnapshot struct {
	Step, State, KeySchema, ValueSchema string
	Segments                            []Ref
}
type TaskSnapshot struct {
	Vertex    string
	Steps     []string
	Subtask   int
	Watermark int64
	Splits    []SplitOffset
	Commits   []PendingCommit
	States    []StateSnapshot
}
type Manifest struct {
	Flow, Fingerprint string
	ID                uint64
	Generation        Generation
	Attempt           int
	Created           time.Time
	Kind              Kind
	Final             bool
	Label             string
	KeyGroups         int
	Tasks             []TaskSnapshot
}
type Damage struct{ Err error }
type Store struct {
	db   *badger.DB
	next atomic.Uint64
	seq  atomic.Uint64
}

func Open(c Config) (*Store, error) {
	o := badger.DefaultOptions(c.Dir).WithLogger(nil).WithSyncWrites(true).WithMemTableSize(16 << 20).WithNumMemtables(2).
		WithBlockCacheSize(0).WithCompression(0).WithNumCompactors(2).WithMetricsEnabled(false).WithDetectConflicts(false).WithValueLogFileSize(64 << 20).WithNumVersionsToKeep(1)
	db, err := badger.Open(o)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db}
	m, _, err := s.Latest()
	if err != nil {
		return nil, err
	}
	if m != nil {
		s.next.Store(m.ID + 1000)
	} else {
		s.next.Store(1)
	}
	return s, nil
}
func (s *Store) Close() error { return s.db.Close() }
func (s *Store) Begin(context.Context) (Generation, error) {
	return Generation(time.Now().UnixNano()), nil
}
func (s *Store) NextCheckpoint() uint64            { return s.next.Add(1000) }
func (s *Store) Collect(context.Context) error     { return nil }
func (s *Store) Load(id uint64) (*Manifest, error) { m, _, err := s.Latest(); return m, err }

type Writer struct {
	s  *Store
	wb *badger.WriteBatch
	g  Generation
	c  uint64
}

func (s *Store) NewWriter(g Generation, c uint64, task string) (*Writer, error) {
	return &Writer{s, s.db.NewWriteBatch(), g, c}, nil
}
func key(r Ref) []byte {
	k := []byte("seg/")
	k = binary.BigEndian.AppendUint64(k, r.Checkpoint)
	return binary.BigEndian.AppendUint64(k, r.Sequence)
}
func (w *Writer) Put(g Segment, data []byte) (Ref, error) {
	r := Ref{Segment: g, Generation: uint64(w.g), Checkpoint: w.c, Sequence: w.s.seq.Add(1), Bytes: uint32(len(data))}
	return r, w.wb.Set(key(r), append([]byte(nil), data...))
}
func (w *Writer) Flush() error { return w.wb.Flush() }
func (w *Writer) Abort()       { w.wb.Cancel() }
func (s *Store) Read(r Ref, buf []byte) ([]byte, error) {
	err := s.db.View(func(t *badger.Txn) error {
		i, err := t.Get(key(r))
		if err != nil {
			return fmt.Errorf("read %v: %w", r, err)
		}
		buf, err = i.ValueCopy(buf)
		return err
	})
	return buf, err
}
func (s *Store) Publish(m *Manifest) error {
	b, _ := json.Marshal(m)
	return s.db.Update(func(t *badger.Txn) error { return t.Set([]byte("manifest"), b) })
}
func (s *Store) Latest() (*Manifest, []Damage, error) {
	var m *Manifest
	err := s.db.View(func(t *badger.Txn) error {
		i, err := t.Get([]byte("manifest"))
		if err == badger.ErrKeyNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		m = &Manifest{}
		return i.Value(func(v []byte) error { return json.Unmarshal(v, m) })
	})
	return m, nil, err
}
