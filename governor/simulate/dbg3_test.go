package simulate

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

type spy struct {
	governor.Policy
	t *testing.T
	n string
}

func (s *spy) Step(o *governor.Observation, d *governor.Decision) {
	s.Policy.Step(o, d)
	if o.Now > 34500*ms && o.Now < 37*time.Second && s.n == "2" {
		s.t.Logf("%v rec %d busy %v enc %v persist %v w %v pace %+v next %+v", o.Now, o.Records, o.Busy, o.Checkpoint.Encode, o.Checkpoint.Persist, o.Checkpoint.Writing, d.Pace, d.Next)
	}
}
func TestD(t *testing.T) {
	goal := 500 * ms
	spec := Spec{Flow: pipeline(Load{Rate: 100e3}),
		Goal: goal, Warmup: 10 * time.Second,
		Checkpoints: Checkpointing{Interval: 5 * time.Second, Capture: 10 * ms, Encode: 100e6, Disk: 200e6, Sync: 20 * ms, Slowdown: 1.2},
		Policy: func(p Place) governor.Policy {
			return &spy{policies("governor", goal)(p), t, string('0' + rune(p.Stage))}
		}}
	r, _ := Run(spec)
	t.Logf("%+v", r.Checkpoints)
}
