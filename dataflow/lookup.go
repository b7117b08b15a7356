package dataflow

import (
	"errors"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// A Side is a bounded table that stands beside a stream: reference data that
// fits into memory, such as the names of airports. file.SideCSV and
// file.SideJSON make one from files.
//
// If it has a method
//
//	Validate() error
//
// then that is called when the flow is built, to find mistakes in its
// definition. Nothing is to be read then.
type Side[K comparable, V any] interface {
	// Load reads the table. Each subtask calls it as it opens, at the start and
	// at every restart, several at once, and keeps the map, which must be its
	// own. An error fails the flow.
	Load() (map[K]V, error)
}

// SideFunc adapts a function to a [Side].
type SideFunc[K comparable, V any] func() (map[K]V, error)

// Load calls f.
func (f SideFunc[K, V]) Load() (map[K]V, error) { return f() }

// Lookup looks the key of every record up in a table and emits what f makes of
// the record and the row, unless f returns false. Where the table has no row, f
// is called with a zero V and false.
//
// The table is what it was when the subtask opened. It is no part of
// checkpoints: after a restart records may meet a newer one. It is in memory
// once for each subtask of the step.
func Lookup[T any, K comparable, V, U any](
	s Stream[T], name string, side Side[K, V], key func(T) K, f func(T, V, bool) (U, bool),
) Stream[U] {
	if err := checkSide(side); err != nil {
		s.g.Fail(name, err)
	}
	pool := operator.NewPool[U]()
	at := s.g.add(&plan.Step{
		Name: name, Kind: "lookup", Inputs: s.inputs(), Outputs: []operator.Shape{pool},
		New: func() operator.Operator { return operator.Lookup(pool, side.Load, key, f) },
	}, nil)
	return Stream[U]{port{g: s.g, from: at}, pool}
}

func checkSide(side any) error {
	if side == nil {
		return errors.New("the table to look up in is nil")
	}
	if v, ok := side.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return fmt.Errorf("table: %w", err)
		}
	}
	return nil
}
