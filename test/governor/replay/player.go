package replay

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Player is a source that deals the records of a stream to its splits in turn.
// It is for one run of a flow.
type Player struct {
	Stream Stream
	Splits int // at least 1
	// Limit is how many records there are; 0 for no end.
	Limit int64
	// For is when the stream ends, since it was first read; 0 for no end.
	For time.Duration
	// Pace is when records are due; the zero Shape is as fast as they are taken.
	Pace Shape

	left departures
}

// Read adds the player to a flow.
func (p *Player) Read(g *dataflow.Graph, name string) dataflow.Stream[Record] {
	p.left.splits = make([]departed, p.Splits)
	return dataflow.Read(g, name, source{p}, timed)
}

// timed says that the batches come with event times, in order.
func timed(r *dataflow.Reading[Record]) error {
	r.Step.Source.EventTime = true
	return nil
}

// Left is when the record that brings event time to at left, and false if none
// has yet. With whole, every split must have come as far: what a window waits
// for.
func (p *Player) Left(at operator.Timestamp, whole bool) (time.Time, bool) {
	return p.left.at(p.Stream.Index(at), whole)
}

// Due is when the record that brings event time to at was due. It is false
// without a pace.
func (p *Player) Due(at operator.Timestamp) (time.Time, bool) {
	if !p.Pace.Paced() {
		return time.Time{}, false
	}
	return p.left.start().Add(p.Pace.Due(p.Stream.Index(at))), true
}

// Played are the records that have left, by split: split i of n has played the
// records i, i+n, i+2n, ….
func (p *Player) Played() []int64 { return p.left.counts() }

// Sum adds up the values of all records that have left.
func (p *Player) Sum() (count int64, sum float64) {
	n := int64(p.Splits)
	for i, played := range p.Played() {
		count += played
		sum += p.Stream.Sum(int64(i), int64(i)+played*n, n)
	}
	return count, sum
}

type source struct{ *Player }

func (s source) Grows() bool      { return false }
func (s source) Replayable() bool { return true }

func (s source) Splits(context.Context) ([]operator.Split, error) {
	splits := make([]operator.Split, s.Player.Splits)
	for i := range splits {
		splits[i] = operator.Split{
			ID: fmt.Sprintf("%05d", i), Payload: binary.AppendUvarint(nil, uint64(i)),
		}
	}
	return splits, nil
}

func (s source) Open(
	_ context.Context, split operator.Split, offset []byte,
) (dataflow.Reader[Record], error) {
	number, n := binary.Uvarint(split.Payload)
	if n <= 0 || number >= uint64(s.Player.Splits) {
		return nil, fmt.Errorf("open split %q: the payload is corrupt", split.ID)
	}
	r := &reader{player: s.Player, split: int64(number), end: math.MaxInt64}
	if s.Limit > 0 {
		r.end = (s.Limit - r.split + int64(s.Player.Splits) - 1) / int64(s.Player.Splits)
	}
	if offset != nil {
		next, n := binary.Uvarint(offset)
		if n <= 0 || n != len(offset) || next > math.MaxInt64 {
			return nil, fmt.Errorf("open split %q: the offset is corrupt", split.ID)
		}
		r.next = int64(next)
	}
	r.began = s.left.begin()
	return r, nil
}

// reader plays every Splits-th record, from the split's number on.
type reader struct {
	player    *Player
	split     int64
	next, end int64 // in records of the split
	began     time.Time
	read      time.Duration // when the last batch left
}

var errOver = errors.New("the time is over")

// Read appends the records that are due.
func (r *reader) Read(ctx context.Context, b *operator.Records[Record]) error {
	n := min(int64(operator.BatchSize-b.Len()), r.end-r.next)
	due, err := r.wait(ctx, n)
	if errors.Is(err, errOver) {
		return io.EOF
	} else if err != nil {
		return err
	}
	step := int64(r.player.Splits)
	for range due {
		b.Append(r.player.Stream.At(r.split + r.next*step))
		r.next++
	}
	r.player.left.note(int(r.split), r.next)
	if r.next >= r.end {
		return io.EOF
	}
	return nil
}

// Offset is the number of records played.
func (r *reader) Offset() []byte { return binary.AppendUvarint(nil, uint64(r.next)) }

// Close does nothing.
func (r *reader) Close() error { return nil }

// Ranks is how many records have left and the sum of their ranks: of a key's
// first record the rank is 1, of its second 2. The copies must be a multiple of
// the splits.
func (p *Player) Ranks() (count, sum int64) {
	copies := int64(p.Stream.Copies / p.Splits) // in each split
	for _, played := range p.Played() {
		count += played
		whole, more := played/copies, played%copies
		sum += more*p.Stream.Data.ranks(whole+1) + (copies-more)*p.Stream.Data.ranks(whole)
	}
	return count, sum
}

// ranks is the sum of the ranks of the first n records, played over and over.
func (d *Data) ranks(n int64) (sum int64) {
	all := int64(len(d.records))
	counts := map[string]int64{}
	for i := range d.records {
		counts[d.records[i].Key] += n / all
		if int64(i) < n%all {
			counts[d.records[i].Key]++
		}
	}
	for _, c := range counts {
		sum += c * (c + 1) / 2
	}
	return sum
}
