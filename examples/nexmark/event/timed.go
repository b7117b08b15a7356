package event

import (
	"math"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Timed takes the events' times as event times. An event may be older than the
// latest one of its split by up to disorder. It is dataflow.EventTime, but
// does not copy events.
func Timed(disorder time.Duration) dataflow.ReadOption[Event] {
	return func(r *dataflow.Reading[Event]) error {
		s := r.Step.Source
		s.EventTime, s.Disorder = true, disorder
		s.Stamp = func(b operator.Batch) {
			r := b.(*operator.Records[Event])
			for i := range r.Values {
				r.Times[i] = r.Values[i].At().timestamp()
			}
		}
		return nil
	}
}

// timestamp converts to the engine's, clamped to the years it can hold.
func (t Time) timestamp() operator.Timestamp {
	const most = math.MaxInt64 / int64(time.Millisecond)
	return operator.Timestamp(min(max(int64(t), -most), most) * int64(time.Millisecond))
}
