package snapshot

import (
	"fmt"
	"time"
)

// Generation numbers the owners of a state directory: each call of [Store.Begin] is a new one,
// and what an older one still tries to write is refused.
type Generation uint64

// SegmentKind says how a segment relates to those before it.
type SegmentKind int

const (
	// Base holds every live entry of its key group.
	Base SegmentKind = iota
	// Delta holds the entries of its key group that changed or were deleted.
	Delta
)

// Kind says who owns a checkpoint.
type Kind int

const (
	// Checkpoint is taken by the coordinator and retired by later ones.
	Checkpoint Kind = iota
	// Savepoint is kept until somebody deletes it.
	Savepoint
)

// String is the kind in lower case.
func (k Kind) String() string {
	if k == Savepoint {
		return "savepoint"
	}
	return "checkpoint"
}

// Segment says what a block of entries belongs to.
type Segment struct {
	Step, State string
	KeyGroup    uint16
	Kind        SegmentKind
	Entries     uint32 // deletions included
}

// Ref names a stored segment. It is valid as long as a manifest that holds it is retained.
type Ref struct {
	Segment
	Generation uint64
	Checkpoint uint64 // the checkpoint that wrote it
	Sequence   uint64 // unique within generation and checkpoint
	Bytes      uint32 // length of the block
	CRC        uint32 // CRC-32C of the block
}

// SplitOffset is how far one split of a source had been read at the barrier.
type SplitOffset struct {
	Step, ID  string
	Payload   []byte // the split, in the source's encoding
	Offset    []byte // of the next record to read, in the source's encoding
	Done      bool
	Watermark int64 // event time, nanoseconds since the Unix epoch
}

// PendingCommit is output that a sink prepared and that is to be committed once the manifest
// exists, possibly again.
type PendingCommit struct {
	Step    string
	Subtask int
	Token   []byte // the sink's own
}

// StateSnapshot is one state of one subtask: the segments that a restore reads, in order.
type StateSnapshot struct {
	Step, State            string
	KeySchema, ValueSchema string
	Segments               []Ref
}

// TaskSnapshot is what one subtask handed in for a checkpoint.
type TaskSnapshot struct {
	Vertex    string
	Steps     []string
	Subtask   int
	Watermark int64 // event time, nanoseconds since the Unix epoch
	Splits    []SplitOffset
	Commits   []PendingCommit
	States    []StateSnapshot
}

// Manifest is the root of one checkpoint. A checkpoint exists once its manifest is published.
type Manifest struct {
	Flow, Fingerprint string
	ID                uint64 // number of the checkpoint
	Generation        Generation
	Attempt           int
	Created           time.Time // for people; nothing is decided by it
	Kind              Kind
	Final             bool // the flow had read all its input
	Label             string
	KeyGroups         int
	Tasks             []TaskSnapshot
}

// refs calls f for every segment that a restore of the manifest reads.
func (m *Manifest) refs(f func(Ref)) {
	for _, t := range m.Tasks {
		for _, st := range t.States {
			for _, r := range st.Segments {
				f(r)
			}
		}
	}
}

// Info sums up one retained checkpoint.
type Info struct {
	ID         uint64
	Generation Generation
	Kind       Kind
	Label      string
	Created    time.Time
	Final      bool
	Segments   int
	Bytes      int64 // length of all segments that a restore reads
}

func (m *Manifest) info() Info {
	i := Info{
		ID: m.ID, Generation: m.Generation, Kind: m.Kind, Label: m.Label, Created: m.Created,
		Final: m.Final,
	}
	m.refs(func(r Ref) {
		i.Segments++
		i.Bytes += int64(r.Bytes)
	})
	return i
}

// Damage is something in a state directory that cannot be read. It is an error.
type Damage struct {
	Checkpoint  uint64 // 0 if it is not known which checkpoints suffer
	Path        string // the damaged file or directory
	Step, State string // of the damaged segment, if it is one
	KeyGroup    uint16
	Err         error
}

// Error names the checkpoint, the segment and the path, as far as they are known.
func (d Damage) Error() string {
	switch {
	case d.Step != "":
		return fmt.Sprintf("checkpoint %d, step %q, state %q, key group %d: %s: %v",
			d.Checkpoint, d.Step, d.State, d.KeyGroup, d.Path, d.Err)
	case d.Checkpoint != 0:
		return fmt.Sprintf("checkpoint %d: %s: %v", d.Checkpoint, d.Path, d.Err)
	}
	return fmt.Sprintf("%s: %v", d.Path, d.Err)
}

// Unwrap returns Err.
func (d Damage) Unwrap() error { return d.Err }
