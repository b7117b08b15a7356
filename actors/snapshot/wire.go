package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	checkpointv1 "github.com/flyball-stream/flyball/proto/checkpoint/v1"
)

const (
	formatVersion = 1
	// maxRecord bounds what a stored manifest may unpack to: ten million segments.
	maxRecord = 512 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errChecksum = errors.New("checksum does not match: the bytes are not those written")

// packer turns messages into records and back: CRC-32C of the rest, then zstd. It may be used by
// several goroutines.
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newPacker() (*packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(maxRecord))
	return &packer{enc, dec}, err
}

func (p *packer) close() {
	p.dec.Close()
}

func (p *packer) pack(m proto.Message) ([]byte, error) {
	b, err := proto.Marshal(m)
	if err != nil {
		return nil, err
	}
	if len(b) > maxRecord {
		return nil, fmt.Errorf("%d bytes are more than the %d that a record may have", len(b), maxRecord)
	}
	rec := p.enc.EncodeAll(b, make([]byte, 4, 64+len(b)/2))
	binary.LittleEndian.PutUint32(rec, crc32.Checksum(rec[4:], castagnoli))
	return rec, nil
}

func (p *packer) unpack(rec []byte, m proto.Message) error {
	if len(rec) < 4 || binary.LittleEndian.Uint32(rec) != crc32.Checksum(rec[4:], castagnoli) {
		return errChecksum
	}
	b, err := p.dec.DecodeAll(rec[4:], nil)
	if err != nil {
		return err
	}
	return proto.Unmarshal(b, m)
}

func checkVersion(v uint32) error {
	if v != formatVersion {
		return fmt.Errorf("format version %d was written by another release; this one reads %d",
			v, formatVersion)
	}
	return nil
}

func toWire(m *Manifest) *checkpointv1.Manifest {
	w := &checkpointv1.Manifest{
		FormatVersion: formatVersion, Flow: m.Flow, Fingerprint: m.Fingerprint, Checkpoint: m.ID,
		Generation: uint64(m.Generation), Attempt: uint64(m.Attempt),
		CreatedUnixNanos: unixNanos(m.Created), Kind: kindToWire(m.Kind), Final: m.Final,
		Label: m.Label, KeyGroups: uint32(m.KeyGroups),
		Tasks: make([]*checkpointv1.TaskSnapshot, len(m.Tasks)),
	}
	for i := range m.Tasks {
		w.Tasks[i] = taskToWire(&m.Tasks[i])
	}
	return w
}

// unixNanos keeps the zero time, which has no nanoseconds since the epoch.
func unixNanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromUnixNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}

func kindToWire(k Kind) checkpointv1.Manifest_Kind {
	if k == Savepoint {
		return checkpointv1.Manifest_KIND_SAVEPOINT
	}
	return checkpointv1.Manifest_KIND_CHECKPOINT
}

func taskToWire(t *TaskSnapshot) *checkpointv1.TaskSnapshot {
	w := &checkpointv1.TaskSnapshot{
		Vertex: t.Vertex, Steps: t.Steps, Subtask: uint32(t.Subtask), WatermarkUnixNanos: t.Watermark,
	}
	for _, s := range t.Splits {
		w.Splits = append(w.Splits, &checkpointv1.SplitOffset{
			Step: s.Step, SplitId: s.ID, Split: s.Payload, Offset: s.Offset, Done: s.Done,
			WatermarkUnixNanos: s.Watermark,
		})
	}
	for _, c := range t.Commits {
		w.Commits = append(w.Commits, &checkpointv1.PendingCommit{
			Step: c.Step, Subtask: uint32(c.Subtask), Token: c.Token,
		})
	}
	for i := range t.States {
		w.States = append(w.States, stateToWire(&t.States[i]))
	}
	return w
}

func stateToWire(s *StateSnapshot) *checkpointv1.StateSnapshot {
	w := &checkpointv1.StateSnapshot{
		Step: s.Step, State: s.State, KeyType: s.KeySchema, ValueType: s.ValueSchema,
		Segments: make([]*checkpointv1.Segment, len(s.Segments)),
	}
	block := make([]checkpointv1.Segment, len(s.Segments)) // one allocation instead of thousands
	for i := range s.Segments {
		r, o := &s.Segments[i], &block[i]
		o.KeyGroup, o.Kind = uint32(r.KeyGroup), checkpointv1.Segment_KIND_DELTA
		if r.Kind == Base {
			o.Kind = checkpointv1.Segment_KIND_BASE
		}
		o.Generation, o.Checkpoint, o.Sequence = r.Generation, r.Checkpoint, r.Sequence
		o.Entries, o.Bytes, o.Crc32C = uint64(r.Entries), uint64(r.Bytes), r.CRC
		w.Segments[i] = o
	}
	return w
}

func fromWire(w *checkpointv1.Manifest) (*Manifest, error) {
	if err := checkVersion(w.FormatVersion); err != nil {
		return nil, err
	}
	m := &Manifest{
		Flow: w.Flow, Fingerprint: w.Fingerprint, ID: w.Checkpoint,
		Generation: Generation(w.Generation), Attempt: int(w.Attempt),
		Created: fromUnixNanos(w.CreatedUnixNanos), Kind: kindFromWire(w.Kind), Final: w.Final,
		Label: w.Label, KeyGroups: int(w.KeyGroups), Tasks: make([]TaskSnapshot, len(w.Tasks)),
	}
	for i, t := range w.Tasks {
		if err := taskFromWire(t, &m.Tasks[i]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func kindFromWire(k checkpointv1.Manifest_Kind) Kind {
	if k == checkpointv1.Manifest_KIND_SAVEPOINT {
		return Savepoint
	}
	return Checkpoint
}

func taskFromWire(w *checkpointv1.TaskSnapshot, t *TaskSnapshot) error {
	*t = TaskSnapshot{
		Vertex: w.Vertex, Steps: w.Steps, Subtask: int(w.Subtask), Watermark: w.WatermarkUnixNanos,
	}
	for _, s := range w.Splits {
		t.Splits = append(t.Splits, SplitOffset{
			Step: s.Step, ID: s.SplitId, Payload: s.Split, Offset: s.Offset, Done: s.Done,
			Watermark: s.WatermarkUnixNanos,
		})
	}
	for _, c := range w.Commits {
		t.Commits = append(t.Commits, PendingCommit{c.Step, int(c.Subtask), c.Token})
	}
	for _, s := range w.States {
		st, err := stateFromWire(s)
		if err != nil {
			return err
		}
		t.States = append(t.States, st)
	}
	return nil
}

func stateFromWire(w *checkpointv1.StateSnapshot) (StateSnapshot, error) {
	s := StateSnapshot{
		Step: w.Step, State: w.State, KeySchema: w.KeyType, ValueSchema: w.ValueType,
		Segments: make([]Ref, len(w.Segments)),
	}
	for i, o := range w.Segments {
		if o.KeyGroup > math.MaxUint16 || o.Entries > math.MaxUint32 || o.Bytes > math.MaxUint32 {
			return s, fmt.Errorf("step %q, state %q: segment %d has key group %d, %d entries and %d bytes",
				w.Step, w.State, i, o.KeyGroup, o.Entries, o.Bytes)
		}
		kind := Delta
		if o.Kind == checkpointv1.Segment_KIND_BASE {
			kind = Base
		}
		s.Segments[i] = Ref{
			Segment:    Segment{w.Step, w.State, uint16(o.KeyGroup), kind, uint32(o.Entries)},
			Generation: o.Generation, Checkpoint: o.Checkpoint, Sequence: o.Sequence,
			Bytes: uint32(o.Bytes), CRC: o.Crc32C,
		}
	}
	return s, nil
}
