package query

import (
	"path/filepath"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Output says what becomes of a query's rows.
type Output struct {
	// Dir is the directory of the files qN-….jsonl, which hold a row a line.
	// If it is empty the rows are discarded.
	Dir string
	// Final has a query whose rows change write the last of each, at the end.
	Final bool
	// Seen is told the event times of rows that are discarded, a batch at a
	// time, by several goroutines at once.
	Seen func(times []operator.Timestamp)
}

// write adds the sink of a query.
func write[R any](rows dataflow.Stream[R], q Query, to Output) {
	if to.Dir == "" {
		dataflow.Write(rows, "discard", discard[R]{to.Seen})
		return
	}
	file.WriteJSON(rows, "out", filepath.Join(to.Dir, q.Name))
}

// discard is a sink that keeps nothing, for measuring what comes before it.
type discard[R any] struct{ seen func([]operator.Timestamp) }

// Write tells of the rows, if anyone is interested.
func (d discard[R]) Write(b *operator.Records[R]) error {
	if d.seen != nil {
		d.seen(b.Times)
	}
	return nil
}

func (d discard[R]) Open(operator.Place) (dataflow.Writer[R], error) { return d, nil }
func (discard[R]) Delivery() operator.Delivery                       { return operator.Idempotent }
func (discard[R]) Commit([]byte) error                               { return nil }
func (discard[R]) Recover() error                                    { return nil }
func (discard[R]) Prepare(uint64) (operator.Prepared, error)         { return nil, nil }
func (discard[R]) Close() error                                      { return nil }
