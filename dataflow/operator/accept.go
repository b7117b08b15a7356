package operator

import "fmt"

// An Attempt is what a source has made of one piece R of its input.
type Attempt[T, R any] struct {
	Record T
	// Failed is nil when Record is good.
	Failed *Failure[R]
}

// Accept parts attempts: records go to output port 0, failures to port 1.
// Without a pool for the failures the first of them is an error.
func Accept[T, R any](good *Pool[T], bad *Pool[Failure[R]]) Operator {
	return &accept[T, R]{good, bad}
}

type accept[T, R any] struct {
	good *Pool[T]
	bad  *Pool[Failure[R]]
}

func (a *accept[T, R]) Process(_ int, b Batch, out Outbox) error {
	in, good := b.(*Records[Attempt[T, R]]), a.good.Get()
	var bad *Records[Failure[R]]
	for i := range in.Values {
		v := &in.Values[i]
		if v.Failed == nil {
			good.Append(v.Record, in.Times[i])
			continue
		}
		if a.bad == nil {
			return fmt.Errorf("%s (consume the second stream to go on past such records)",
				v.Failed.Err)
		}
		if bad == nil {
			bad = a.bad.Get()
		}
		bad.Append(*v.Failed, in.Times[i])
	}
	in.Release()
	if err := emitOrRelease(0, good, out); err != nil || bad == nil {
		return err
	}
	return out.Emit(1, bad)
}
