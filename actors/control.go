package actors

import (
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// observed is what the meter read when the last control period ended.
type observed struct {
	at                     int64
	records, bytes         int64
	busy, blocked, stalled int64
	channels               []governor.Channel
	decision               governor.Decision
}

// control ends a control period: the task tells its governor what it saw and
// grants its input channels what the governor says.
func (t *task) control() {
	if len(t.inputs) == 0 {
		return
	}
	s, m := &t.seen, t.meter
	now := observed{
		at: t.env.clock.mono(), records: m.recordsIn.Load(), bytes: m.bytesIn.Load(),
		busy: m.busy.Load(), blocked: m.blocked.Load(), stalled: m.stall.Load(),
		channels: s.channels[:0], decision: s.decision,
	}
	for i, c := range t.inputs {
		batches, bytes := c.held()
		now.channels = append(now.channels, governor.Channel{
			Window: c.window,
			InFlight: governor.Window{
				Batches: c.window.Batches - int(batches), Bytes: c.window.Bytes - int(bytes),
			},
			Queued: len(t.held[i]), Blocked: t.aligner.Blocked(i),
		})
	}
	blocked, stall := now.blocked-s.blocked, now.stalled-s.stalled
	t.policy.Step(&governor.Observation{
		Now: time.Duration(now.at), Period: time.Duration(now.at - s.at),
		Records: now.records - s.records, Bytes: now.bytes - s.bytes,
		Busy:       time.Duration(max(0, now.busy-s.busy-blocked-stall)),
		Blocked:    time.Duration(blocked),
		Checkpoint: governor.Checkpoint{Due: -1, Encode: time.Duration(stall)},
		Channels:   now.channels,
	}, &now.decision)
	for i, g := range now.decision.Grants {
		w := g.Window
		w.Batches = max(w.Batches, 1) // no channel starves, whatever a policy says
		w.Bytes = max(w.Bytes, 1)
		t.inputs[i].resize(w)
	}
	t.seen = now
}
