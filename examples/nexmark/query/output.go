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
}

// write adds the sink of a query.
func write[R any](rows dataflow.Stream[R], q Query, to Output) {
	if to.Dir == "" {
		dataflow.Write(rows, "discard", discard[R]{})
		return
	}
	file.WriteJSON(rows, "out", filepath.Join(to.Dir, q.Name))
}

// discard is a sink that keeps nothing, for measuring what comes before it.
type discard[R any] struct{}

func (discard[R]) Delivery() operator.Delivery                     { return operator.Idempotent }
func (discard[R]) Open(operator.Place) (dataflow.Writer[R], error) { return discard[R]{}, nil }
func (discard[R]) Commit([]byte) error                             { return nil }
func (discard[R]) Recover() error                                  { return nil }
func (discard[R]) Write(*operator.Records[R]) error                { return nil }
func (discard[R]) Prepare(uint64) (operator.Prepared, error)       { return nil, nil }
func (discard[R]) Close() error                                    { return nil }
