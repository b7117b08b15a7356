package replay

import (
	"sort"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Stream is data played round after round, each record Copies times in a row.
type Stream struct {
	Data   *Data
	Copies int // at least 1
}

// At is record i with its event time.
func (s Stream) At(i int64) (Record, operator.Timestamp) {
	d := s.Data
	copies, n := int64(s.Copies), int64(len(d.records))
	copied, place := i%copies, i/copies
	from := int(place % n)
	r := d.records[from]
	r.Copy = int32(copied)
	at := d.span*time.Duration(place/n) + d.times[from] +
		d.gap(from)*time.Duration(copied)/time.Duration(copies)
	return r, operator.TimestampOf(d.start).Add(at)
}

// gap is the time from a record to the next.
func (d *Data) gap(i int) time.Duration {
	if i+1 < len(d.times) {
		return d.times[i+1] - d.times[i]
	}
	return d.span - d.times[i]
}

// Index is the first record with an event time of at or later.
func (s Stream) Index(at operator.Timestamp) int64 {
	d := s.Data
	start := operator.TimestampOf(d.start)
	if at <= start {
		return 0
	}
	since := time.Duration(at - start)
	round, rest := int64(since/d.span), since%d.span
	n, copies := int64(len(d.records)), int64(s.Copies)
	from := sort.Search(len(d.times), func(i int) bool { return d.times[i] > rest }) - 1
	for from > 0 && d.times[from-1] == rest {
		from-- // of records with the same time the first
	}
	var copied int64
	if behind := int64(rest - d.times[from]); behind > 0 {
		gap := int64(d.gap(from))
		copied = (behind*copies + gap - 1) / gap
	}
	return (round*n+int64(from))*copies + copied
}

// Sum adds up the values of the records from first to before end, each step-th
// of them.
func (s Stream) Sum(first, end, step int64) (sum float64) {
	for i := first; i < end; i += step {
		sum += s.Data.records[i/int64(s.Copies)%int64(len(s.Data.records))].Value
	}
	return sum
}
