package cluster

import (
	"context"
	"log/slog"
	"sync"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
)

// decisions logs what policies decide, when it differs from before: as
// structured events at the level debug.
type decisions struct {
	log *slog.Logger

	mu   sync.Mutex
	last map[string]governor.Reason
}

// newDecisions returns nil if nobody would read the log.
func newDecisions(log *slog.Logger) func(actors.Decided) {
	if !log.Enabled(context.Background(), slog.LevelDebug) {
		return nil
	}
	d := &decisions{log: log, last: map[string]governor.Reason{}}
	return d.decided
}

func (d *decisions) decided(e actors.Decided) {
	r := e.Decision.Reason
	key := e.Vertex + string(rune(e.Subtask))
	d.mu.Lock()
	was, known := d.last[key]
	d.last[key] = r
	d.mu.Unlock()
	if known && was.Rate == r.Rate && was.Window == r.Window && was.Conflict == r.Conflict {
		return
	}
	window := governor.Window{}
	for _, g := range e.Decision.Grants {
		window.Batches += g.Window.Batches
		window.Bytes += g.Window.Bytes
	}
	d.log.Debug("decision", "vertex", e.Vertex, "subtask", e.Subtask, "why", r.String(),
		"rate", r.Rate.String(), "limit", r.Limit, "window", r.Window.String(),
		"batches", window.Batches, "bytes", window.Bytes, "source_rate", e.Decision.Rate,
		"share", e.Decision.Pace.Share, "conflict", r.Conflict.String())
}
