package window

import (
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// floor is the last bound of windows every step that is not after t. Before
// the year 1678 there may be none left to name; MinTimestamp stands for it.
func (s Spec) floor(t operator.Timestamp, step time.Duration) operator.Timestamp {
	since := modulo(time.Duration(t), step) - modulo(s.Offset, step)
	if since < 0 {
		since += step
	}
	return t.Add(-since)
}

func modulo(d, step time.Duration) time.Duration {
	if d %= step; d < 0 {
		d += step
	}
	return d
}

// start is the start of the pane that a record with event time t is added to:
// its window where windows do not overlap, its slide where they do.
func (s Spec) start(t operator.Timestamp) operator.Timestamp {
	if s.Kind == GlobalKind {
		return operator.MinTimestamp
	}
	return s.floor(t, s.Slide)
}

// paneEnd is the end of the pane that starts at start, and of the first
// window that it is part of.
func (s Spec) paneEnd(start operator.Timestamp) operator.Timestamp {
	if s.Kind == GlobalKind {
		return operator.MaxTimestamp
	}
	return start.Add(s.Slide)
}

// lastEnd is the end of the last window that a pane is part of.
func (s Spec) lastEnd(start operator.Timestamp) operator.Timestamp {
	if s.Kind == GlobalKind {
		return operator.MaxTimestamp
	}
	return start.Add(s.Size)
}

// windowStart is the start of the window that ends at end.
func (s Spec) windowStart(end operator.Timestamp) operator.Timestamp {
	if s.Kind == GlobalKind {
		return operator.MinTimestamp
	}
	return end.Add(-s.Size)
}

// gone reports whether a window that ends at end takes no more records.
func (s Spec) gone(end, watermark operator.Timestamp) bool {
	return watermark >= end.Add(s.Lateness)
}

// needTime refuses a record without event time.
func (s Spec) needTime(record any) error {
	return fmt.Errorf("assign %v window: record %s has no event time; read the source with "+
		"dataflow.EventTime", s, operator.Describe(record))
}

// timeless reports whether a record cannot be assigned for lack of a time.
func (s Spec) timeless(t operator.Timestamp) bool {
	return t == operator.MinTimestamp && s.Kind != GlobalKind
}

// slot is the key of the state that one key has for one pane.
type slot[K comparable] struct {
	Key   K
	Start operator.Timestamp
}

// slotHash keeps the panes of a key in the key's group.
func slotHash[K comparable](hash func(K) uint64) func(slot[K]) uint64 {
	return func(s slot[K]) uint64 { return subHash(hash(s.Key), s.Start) }
}
