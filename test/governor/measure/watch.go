package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/flyball-stream/flyball/actors"
)

// watch looks at a trial now and then. One goroutine uses it.
type watch struct {
	*running
	warm   bool // the trial is: what is seen counts
	began  time.Time
	last   int64 // records taken by the operator at the last look
	first  int64 // and at the beginning
	each   []float64
	kept   int
	p99    []float64 // of the periods with rows, ms
	learnt map[string]*learnt
}

// learnt is a task's latest checkpoint, and how many there were.
type learnt struct {
	id    uint64
	count int
}

// learning is how many checkpoints a task has to learn from before its
// predictions count.
const learning = 5

func newWatch(r *running) *watch { return &watch{running: r, learnt: map[string]*learnt{}} }

// begin begins to count.
func (w *watch) begin() {
	s := w.job.Stats()
	w.first = w.taken(&s)
	w.last, w.began, w.warm = w.first, time.Now(), true
	w.sink.begin()
	w.heard.listen(true)
}

// look takes a sample.
func (w *watch) look() {
	s := w.job.Stats()
	w.predictions(&s)
	if !w.warm {
		return
	}
	taken := w.taken(&s)
	m := sample{
		Seconds: time.Since(w.began).Seconds(), Records: taken - w.last, InFlight: s.InFlight,
		RSS: resident(), Saving: s.Checkpoints.InProgress != 0, Windows: w.granted(&s),
	}
	w.last = taken
	w.each = append(w.each, float64(m.Records))
	if p99, ok := w.sink.look(); ok {
		m.P99 = p99
		w.p99 = append(w.p99, p99)
		w.Periods++
		if w.Goal == 0 || p99 <= millis(w.Goal) {
			w.kept++
		}
	}
	w.InFlight, w.RSS = max(w.InFlight, m.InFlight), max(w.RSS, m.RSS)
	w.state(&s)
	if w.Run == 0 && len(w.Series) < 3000 { // five minutes; no more of a long one
		w.Series = append(w.Series, m)
	}
}

// finish ends the counting.
func (w *watch) finish() {
	if !w.warm {
		return
	}
	w.heard.listen(false)
	s := w.job.Stats()
	w.Records, w.Seconds = w.taken(&s)-w.first, time.Since(w.began).Seconds()
	w.Due, w.Inside = w.sink.latencies()
	w.Variation, w.Worst = variation(w.each), worst(w.p99)
	if w.Periods > 0 {
		w.Kept = float64(w.kept) / float64(w.Periods)
	}
}

func (w *watch) has(t *actors.TaskStats) bool { return slices.Contains(t.Steps, w.op.Step) }

// taken is how many records the operator has taken.
func (w *watch) taken(s *actors.Stats) (n int64) {
	for i := range s.Tasks {
		if w.has(&s.Tasks[i]) {
			n += s.Tasks[i].RecordsIn
		}
	}
	return n
}

// granted is what the operator's channels may have in flight, in batches.
func (w *watch) granted(s *actors.Stats) (n int) {
	for i := range s.Tasks {
		if !w.has(&s.Tasks[i]) {
			continue
		}
		for _, window := range s.Tasks[i].Governed.Windows {
			n += window.Batches
		}
	}
	return n
}

// state notes how large the state is.
func (w *watch) state(s *actors.Stats) {
	w.Encoded, w.Entries = 0, 0
	for i := range s.Tasks {
		w.Encoded += s.Tasks[i].Governed.State
		w.Entries += s.Tasks[i].Entries
	}
}

// predictions compares what the operator's tasks expected of a checkpoint with
// what it took.
func (w *watch) predictions(s *actors.Stats) {
	for i := range s.Tasks {
		t := &s.Tasks[i]
		g := &t.Governed
		if !w.has(t) || g.LastID == 0 {
			continue
		}
		name := fmt.Sprint(t.Vertex, "/", t.Subtask)
		l := w.learnt[name]
		if l == nil {
			l = &learnt{}
			w.learnt[name] = l
		}
		if l.id == g.LastID {
			continue
		}
		l.id = g.LastID
		l.count++
		actual := g.Last.Align + g.Last.Capture + g.Last.Encode
		if l.count > learning && actual > 0 && g.Predicted.Samples > 0 {
			w.Predictions = append(w.Predictions, relative(g.Predicted.Align+g.Predicted.Own(), actual))
			w.Forecasts = append(w.Forecasts, relative(g.Forecast.Align+g.Forecast.Own(), actual))
		}
	}
}
