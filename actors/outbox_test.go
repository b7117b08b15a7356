package actors

import (
	"testing"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
)

// TestWatermarksInFlightAreBounded announces far more watermarks than their
// receiver processes: few are sent, the latest is never lost, and an end
// brings it out whatever is in flight.
func TestWatermarksInFlightAreBounded(t *testing.T) {
	system := actor.NewActorSystem(actor.WithLoggerFactory(quiet))
	defer system.Shutdown()
	got := make(chan mark, 1000)
	to := system.Root.Spawn(actor.PropsFromFunc(func(c actor.Context) {
		if d, ok := c.Message().(*delivery); ok {
			got <- d.mark
		}
	}))
	c := newChannel(0, 0, governor.DefaultWindow)
	c.to = to
	o := &outbox{
		task:     &task{env: &environment{root: system.Root}, meter: newMeter()},
		channels: []*channel{c}, buffers: make([]operator.Batch, 1), owed: make([]mark, 1),
	}
	receive := func(n int, last operator.Timestamp) {
		t.Helper()
		var m mark
		for range n {
			m = <-got
		}
		if m.at != last || len(got) > 0 {
			t.Errorf("watermark %d came last and %d more, want %d and none", m.at, len(got), last)
		}
	}
	for at := range operator.Timestamp(500) {
		if err := o.watermark(at); err != nil {
			t.Fatal(err)
		}
	}
	receive(maxMarks, maxMarks-1)
	if !o.partial {
		t.Error("nobody will flush the watermark that is owed")
	}
	c.marks.Add(-1) // the receiver has processed one
	if err := o.flushAll(); err != nil {
		t.Fatal(err)
	}
	receive(1, 499)
	if o.partial {
		t.Error("nothing is owed and yet a flush is asked for")
	}
	if err := o.watermark(600); err != nil {
		t.Fatal(err)
	}
	if err := o.mark(mark{kind: endMark, at: 1}); err != nil {
		t.Fatal(err)
	}
	receive(2, 1)
}
