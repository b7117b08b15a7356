package actors

import (
	"log/slog"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/governor"
)

// quiet keeps the actor library's own log away from the process's output.
func quiet(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }

// jobStats is what a job counts about itself, over all attempts.
type jobStats struct {
	events Events

	mu   sync.Mutex
	s    Stats
	kept map[string]TaskStats // of earlier attempts, by vertex and subtask
}

func newJobStats(flow string, ev Events) *jobStats {
	return &jobStats{events: ev, s: Stats{Flow: flow, Phase: Starting}, kept: map[string]TaskStats{}}
}

func (j *jobStats) phase(p Phase) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.s.Phase = p
}

func (j *jobStats) begin(attempt int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.s.Attempt, j.s.Phase = attempt, Running
}

func (j *jobStats) inProgress(id uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.s.Checkpoints.InProgress = id
}

func (j *jobStats) schedule(p governor.Proposal) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.s.Schedule = p
}

func (j *jobStats) completed(info CheckpointInfo) {
	j.mu.Lock()
	j.s.Checkpoints.Completed++
	j.s.Checkpoints.Last = info
	j.mu.Unlock()
	if j.events.Checkpoint != nil {
		j.events.Checkpoint(info)
	}
}

func (j *jobStats) failed(id uint64, err error) {
	j.mu.Lock()
	j.s.Checkpoints.Failed++
	j.mu.Unlock()
	if j.events.CheckpointFailed != nil {
		j.events.CheckpointFailed(id, err)
	}
}

func (j *jobStats) restarting(attempt int, after time.Duration, err error) {
	j.phase(Restarting)
	if j.events.Restarting != nil {
		j.events.Restarting(attempt, after, err)
	}
}

// count is the number of checkpoints completed.
func (j *jobStats) count() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.s.Checkpoints.Completed
}

func (j *jobStats) snapshot() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.s
}

// keep adds what an attempt has counted to what later ones will report.
func (j *jobStats) keep(a *attempt) {
	var s Stats
	j.fill(&s, a, 0) // includes what was kept before
	a.retired = true
	clear(j.kept)
	for _, t := range s.Tasks {
		j.kept[taskKey(t)] = t
	}
}

func taskKey(t TaskStats) string { return t.Vertex + string(rune(t.Subtask)) }

// fill adds the tasks of an attempt to s.
func (j *jobStats) fill(s *Stats, a *attempt, alive time.Duration) {
	for _, t := range a.tasks {
		ts := TaskStats{Vertex: t.vertex.Name, Subtask: t.subtask, Source: t.source != nil}
		for _, n := range t.nodes {
			ts.Steps = append(ts.Steps, n.step.Name)
			ts.Sink = ts.Sink || n.step.Sink != nil
		}
		if !a.retired { // a retired attempt is among what was kept
			t.meter.add(&ts)
		}
		for _, o := range t.boxes {
			ts.Lanes = append(ts.Lanes, o.receivers)
			for _, c := range o.channels {
				held, _ := c.held()
				ts.CreditsHeld += int(max(0, held))
				ts.Credits += int(c.granted.Load())
			}
		}
		for _, c := range t.inputs {
			held, bytes := c.held()
			ts.Queued += int(c.granted.Load() - held)
			if !a.retired {
				s.InFlight += max(0, c.space.Load()-bytes)
			}
		}
		if a.retired {
			ts.Queued, ts.CreditsHeld = 0, ts.Credits
		}
		if k, ok := j.kept[taskKey(ts)]; ok {
			ts.RecordsIn += k.RecordsIn
			ts.RecordsOut += k.RecordsOut
			ts.BytesIn += k.BytesIn
			ts.BytesOut += k.BytesOut
			ts.Busy += k.Busy
			ts.Blocked += k.Blocked
			if a.retired {
				ts.Watermark, ts.Entries = k.Watermark, k.Entries
			}
		}
		ts.Idle = max(0, alive-ts.Busy-ts.Blocked)
		s.Tasks = append(s.Tasks, ts)
	}
}
