package nexmark

import (
	"context"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// gate lets so many reads through to begin with, and as many more at each
// checkpoint, so that there are checkpoints however fast the machine is. A nil
// gate is open.
type gate struct {
	passes chan struct{}
	each   int
}

// mostPasses is more than a run can need.
const mostPasses = 1 << 20

func newGate(each int) *gate {
	if each == 0 {
		return nil
	}
	g := &gate{make(chan struct{}, mostPasses), each}
	g.open()
	return g
}

func (g *gate) open() {
	for i := 0; g != nil && i < g.each; i++ {
		select {
		case g.passes <- struct{}{}:
		default:
		}
	}
}

func (g *gate) pass(ctx context.Context) error {
	if g == nil {
		return nil
	}
	select {
	case <-g.passes:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gatedSource is a source whose reads pass a gate.
type gatedSource struct {
	operator.Source
	gate *gate
}

func (s gatedSource) Open(
	ctx context.Context, split operator.Split, offset []byte,
) (operator.Reader, error) {
	r, err := s.Source.Open(ctx, split, offset)
	return gatedReader{r, s.gate}, err
}

type gatedReader struct {
	operator.Reader
	gate *gate
}

func (r gatedReader) Read(ctx context.Context, b operator.Batch) error {
	if err := r.gate.pass(ctx); err != nil {
		return err
	}
	return r.Reader.Read(ctx, b)
}
