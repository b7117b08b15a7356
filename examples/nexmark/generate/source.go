package generate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Read generates the first n events, or all of them if n is negative, as a
// source of a flow.
func Read(
	g *dataflow.Graph, name string, n int64, cfg Config, opts ...dataflow.ReadOption[event.Event],
) dataflow.Stream[event.Event] {
	cfg, err := cfg.resolved()
	if err == nil {
		n, err = checked(n)
	}
	if err != nil {
		g.Fail(name, err)
	}
	return dataflow.Read(g, name, &source{cfg, n}, opts...)
}

// source makes the events of a configuration that has been resolved.
type source struct {
	cfg    Config
	events int64
}

// Grows is false: the splits are known.
func (s *source) Grows() bool { return false }

// Replayable is true: events depend on their number alone.
func (s *source) Replayable() bool { return true }

// Splits lists the parts.
func (s *source) Splits(context.Context) ([]operator.Split, error) {
	n := int64(s.cfg.Splits)
	splits := make([]operator.Split, n)
	for i := range n {
		payload := binary.AppendUvarint(nil, uint64(i))
		splits[i] = operator.Split{
			ID:      fmt.Sprintf("%05d-of-%05d", i, n),
			Payload: binary.AppendUvarint(payload, uint64(n)),
		}
	}
	return splits, nil
}

var errCorrupt = errors.New("the payload is corrupt")

func (s *source) part(payload []byte) (part, error) {
	i, size := binary.Uvarint(payload)
	if size <= 0 {
		return part{}, errCorrupt
	}
	n, rest := binary.Uvarint(payload[size:])
	if rest != len(payload)-size || i >= n || n > maxSplits {
		return part{}, errCorrupt
	}
	return newPart(&s.cfg, s.events, int64(i), int64(n)), nil
}

// Open generates a part from an offset on.
func (s *source) Open(
	_ context.Context, split operator.Split, offset []byte,
) (dataflow.Reader[event.Event], error) {
	p, err := s.part(split.Payload)
	if err != nil {
		return nil, fmt.Errorf("open split %q: %w", split.ID, err)
	}
	r := &reader{Generator: newGenerator(s.cfg, p)}
	if offset != nil {
		pos, n := binary.Uvarint(offset)
		if n <= 0 || n != len(offset) || pos > math.MaxInt64 || int64(pos) > p.end {
			return nil, fmt.Errorf("open split %q: the offset is corrupt", split.ID)
		}
		r.pos = int64(pos)
	}
	r.pacer = newPacer(s.cfg.Pace, s.cfg.at(p.slot(r.pos)))
	return r, nil
}

// batchEvents is how many events make about [operator.BatchBytes].
const batchEvents = 224

type reader struct {
	*Generator
	pacer pacer
}

// Read appends what is due.
func (r *reader) Read(ctx context.Context, b *operator.Records[event.Event]) error {
	from := len(b.Values)
	room := max(min(batchEvents, operator.BatchSize-from), 0)
	b.Values = slices.Grow(b.Values, room)
	for n := 0; n == 0 && room > 0 && r.pos < r.part.end; {
		due, err := r.due(ctx)
		if err != nil {
			return err
		}
		n = r.fill(b.Values[from:from+room], due)
		b.Values = b.Values[:from+n]
	}
	for range b.Values[from:] {
		b.Times = append(b.Times, operator.MinTimestamp)
	}
	if r.pos == r.part.end {
		return io.EOF
	}
	return nil
}

// due waits for the next position to be due and returns the first that is not.
func (r *reader) due(ctx context.Context) (int64, error) {
	if r.pacer.pace == FlatOut {
		return r.part.end, ctx.Err()
	}
	now, err := r.pacer.wait(ctx, r.cfg.at(r.part.slot(r.pos)))
	if err != nil {
		return 0, err
	}
	return r.part.due(r.cfg.due(now)), nil
}

// Offset is the next position.
func (r *reader) Offset() []byte { return binary.AppendUvarint(nil, uint64(r.pos)) }

// Close does nothing.
func (r *reader) Close() error { return nil }
