package operator

import (
	"math"
	"time"
)

// Timestamp is a point in event time or processing time, in nanoseconds since
// the Unix epoch, UTC.
type Timestamp int64

// The ends of time. MinTimestamp is the event time of a record that has none
// and the watermark of a channel that has not spoken; MaxTimestamp is the
// watermark after the last record.
const (
	MinTimestamp Timestamp = math.MinInt64
	MaxTimestamp Timestamp = math.MaxInt64
)

// TimestampOf converts t; times outside the years 1678 to 2262 are clamped to
// the ends of what a Timestamp can hold.
func TimestampOf(t time.Time) Timestamp {
	if y := t.Year(); y < 1678 {
		return MinTimestamp + 1
	} else if y > 2261 {
		return MaxTimestamp - 1
	}
	return Timestamp(t.UnixNano())
}

// Time converts back, in UTC.
func (t Timestamp) Time() time.Time { return time.Unix(0, int64(t)).UTC() }

// Add moves t by d and stays inside the ends of time.
func (t Timestamp) Add(d time.Duration) Timestamp {
	s := t + Timestamp(d)
	switch {
	case d > 0 && s < t:
		return MaxTimestamp
	case d < 0 && s > t:
		return MinTimestamp
	}
	return s
}

// BatchSize is the number of records a batch is made for: so many that what a
// hop between two tasks costs per batch is small beside its records, so few
// that a batch fits the nearest cache but one.
const BatchSize = 512

// BatchBytes is the in-memory size at which a batch counts as full however
// few its records are, so that credits in bytes mean something.
const BatchBytes = 64 << 10

// A Batch is a run of records of one type, either *[Records] or *[Keyed]. It
// has one owner at a time and is not safe for concurrent use.
type Batch interface {
	// Len is the number of records.
	Len() int
	// Bytes is the memory the records hold, in bytes, including what they
	// point at. It walks the records when their type has variable size.
	Bytes() int
	// Stamps are the event times of the records, as long as the batch.
	Stamps() []Timestamp
	// Clone copies the records into another batch from the same pool.
	Clone() Batch
	// Release empties the batch and gives it back to its pool. The caller
	// must not touch it afterwards.
	Release()
}

// Records is a batch of plain records: values and their event times, side by
// side. Operators append to both slices or compact both.
type Records[T any] struct {
	Values []T
	Times  []Timestamp

	pool *Pool[T]
}

// Len is the number of records.
func (r *Records[T]) Len() int { return len(r.Values) }

// Full reports whether the batch has reached [BatchSize] or its records, as
// far as they are of fixed size, [BatchBytes].
func (r *Records[T]) Full() bool {
	return len(r.Values) >= BatchSize || r.pool != nil && len(r.Values) >= r.pool.limit
}

// Append adds one record.
func (r *Records[T]) Append(v T, at Timestamp) {
	r.Values = append(r.Values, v)
	r.Times = append(r.Times, at)
}

// Stamps returns the event times.
func (r *Records[T]) Stamps() []Timestamp { return r.Times }

// Bytes is the memory that the records hold.
func (r *Records[T]) Bytes() int { return r.pool.size.of(r.Values) }

// Clone copies the batch.
func (r *Records[T]) Clone() Batch {
	c := r.pool.Get()
	c.Values = append(c.Values, r.Values...)
	c.Times = append(c.Times, r.Times...)
	return c
}

// Release gives the batch back.
func (r *Records[T]) Release() { r.pool.put(r) }

// Keyed is a batch of records with their keys and the keys' stable hashes,
// all four slices side by side. It is what leaves a KeyBy: the hash is
// computed once and then picks the key group, the subtask and the table slot.
type Keyed[K comparable, T any] struct {
	Keys   []K
	Hashes []uint64
	Values []T
	Times  []Timestamp

	pool *KeyedPool[K, T]
	held int // bytes scattered into the batch so far, when records vary in size
}

// Len is the number of records.
func (k *Keyed[K, T]) Len() int { return len(k.Values) }

// Full reports whether the batch has reached [BatchSize].
func (k *Keyed[K, T]) Full() bool { return len(k.Values) >= BatchSize }

// Stamps returns the event times.
func (k *Keyed[K, T]) Stamps() []Timestamp { return k.Times }

// Bytes is the memory that keys, hashes and records hold.
func (k *Keyed[K, T]) Bytes() int {
	return k.pool.keys.of(k.Keys) + 8*len(k.Hashes) + k.pool.size.of(k.Values)
}

// Clone copies the batch.
func (k *Keyed[K, T]) Clone() Batch {
	c := k.pool.Get()
	c.Keys = append(c.Keys, k.Keys...)
	c.Hashes = append(c.Hashes, k.Hashes...)
	c.Values = append(c.Values, k.Values...)
	c.Times = append(c.Times, k.Times...)
	return c
}

// Release gives the batch back.
func (k *Keyed[K, T]) Release() { k.pool.put(k) }
