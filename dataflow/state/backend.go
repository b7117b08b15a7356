package state

import (
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// Keyed is a table from keys to values for the key groups of one subtask.
// The task that owns it calls it, one call at a time. The caller passes each
// key's stable hash, which it has at hand, so that it is computed once a
// record. Pointers into the table are valid until the next call.
//
// An interface, so that a backend that keeps cold groups on disk can stand
// behind the same operators as the one in memory.
type Keyed[K comparable, V any] interface {
	// Get returns the value of key, or nil. The value may be read only; to
	// change it call Update, even if it is a map or holds a pointer. What a
	// copy of the value shares with it, such as the elements of a slice, may
	// be changed through the copy if Update follows before the next capture.
	Get(key K, hash uint64) *V
	// Update returns the value of key to be changed in place, created as a
	// zero V if there was none.
	Update(key K, hash uint64) (v *V, created bool)
	// Delete removes key and reports whether it was there.
	Delete(key K, hash uint64) bool
	// Range calls f for all entries, group by group, until it returns false.
	// f may delete the entry it is called with and no other. Values may be
	// read only.
	Range(f func(key K, v *V) bool)
	// Len is the number of entries.
	Len() int
}

// Spec describes a table to [Open]. Codecs and hash default to those of
// package codec for the types. A codec that has a method
//
//	Reader(stored codec.Schema) (codec.Decoder[T], error)
//
// is asked for the decoder of entries that were stored with another schema;
// otherwise it is [codec.Reader].
type Spec[K comparable, V any] struct {
	Name  string // the state's identity within its step
	Key   codec.Codec[K]
	Value codec.Codec[V]
	Hash  func(K) uint64
	// Own returns the copy of a key that the table keeps when it inserts the
	// key. It lets callers look up keys that point into memory they will use
	// again. nil copies keys with what they point at.
	Own func(K) K
}

// Schema says what a stored table holds, for a later restore to compare.
type Schema struct {
	State      string
	Key, Value string // codec.Schema in text form
}

// Stored is one block of a checkpoint on its way back into a table, with the
// number of the run it belongs to: runs count up from the base, number 0.
type Stored struct {
	Group, Run int
	Data       []byte // read only during the call it is passed to
}

// Restore gives a backend what a checkpoint holds. Each calls f for every
// block of one state within the backend's range, a group's blocks in the
// order in which they were written.
type Restore interface {
	// Schema returns the stored schema of a state, and whether there is one.
	Schema(state string) (Schema, bool)
	// Each feeds the blocks of a state to f and stops at its first error.
	Each(state string, f func(Stored) error) error
}

// Config says what a [Backend] is for.
type Config struct {
	Step    string // for errors
	Groups  int    // key groups of the whole flow
	Range   Range  // those of this subtask
	Restore Restore
	// Now is monotonic time in nanoseconds, by which [Backend.Copying] goes; nil if
	// nobody asks for that. Only the backend's task calls it.
	Now func() int64
}

// Backend holds the tables of one subtask of one step. Its task alone uses it.
type Backend struct {
	cfg    Config
	tables []table
	epoch  uint32 // of the changes being made now
	seq    uint32 // captures begun
	sink   Sink   // not nil while a capture is being written
	err    error  // first encoding error inside a table operation
	copies stopwatch
	sliced int64 // entries encoded by Encode
}

// Encoded is how many entries captures have encoded so far: copied because they
// were about to change, in the time of the records that changed them, and sliced
// by [Backend.Encode].
func (b *Backend) Encoded() (copied, sliced int64) { return b.copies.count, b.sliced }

// Copying is the time that entries took so far which were encoded because they
// were about to change, in nanoseconds, about.
func (b *Backend) Copying() int64 { return int64(b.copies.total) }

// table is what the backend needs of a typed table.
type table interface {
	name() string
	schema() Schema
	entries() int
	sizes() (next, all int64)
	capturer
}

// capturer is the part of a table that takes part in captures.
type capturer interface {
	capture(full bool)
	encode(budget int) (spent int, done bool, err error)
	complete()
	abort()
}

// NewBackend makes an empty backend.
func NewBackend(cfg Config) *Backend {
	if cfg.Groups == 0 {
		cfg.Groups = DefaultGroups
		cfg.Range = Range{0, DefaultGroups}
	}
	return &Backend{cfg: cfg, epoch: epochFirst, copies: newStopwatch(cfg.Now)}
}

// Open makes the table that spec describes and fills it with what the
// backend's checkpoint holds for it. Two tables of a step must not share a
// name.
func Open[K comparable, V any](b *Backend, spec Spec[K, V]) (Keyed[K, V], error) {
	for _, t := range b.tables {
		if t.name() == spec.Name {
			return nil, fmt.Errorf("step %q: open state %q: the name is taken; "+
				"give each state of a step a name of its own", b.cfg.Step, spec.Name)
		}
	}
	t, err := newMemory(b, spec)
	if err == nil && b.cfg.Restore != nil {
		err = t.restore(b.cfg.Restore)
	}
	if err != nil {
		return nil, fmt.Errorf("step %q: open state %q: %w", b.cfg.Step, spec.Name, err)
	}
	b.tables = append(b.tables, t)
	return t, nil
}

// Schemas lists the tables.
func (b *Backend) Schemas() []Schema {
	s := make([]Schema, len(b.tables))
	for i, t := range b.tables {
		s[i] = t.schema()
	}
	return s
}

// Range is the key groups the backend holds.
func (b *Backend) Range() Range { return b.cfg.Range }

// Groups is the number of key groups of the whole flow.
func (b *Backend) Groups() int { return b.cfg.Groups }

// Sizes are about how many bytes the next capture will write, if it is not a
// full one, and how many all tables have when encoded. The next capture writes
// what has changed since the last one and what keeps restores short.
func (b *Backend) Sizes() (next, all int64) {
	for _, t := range b.tables {
		n, a := t.sizes()
		next, all = next+n, all+a
	}
	return next, all
}

// Entries is the number of entries in all tables.
func (b *Backend) Entries() int {
	n := 0
	for _, t := range b.tables {
		n += t.entries()
	}
	return n
}
