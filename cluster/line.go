package cluster

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dustin/go-humanize"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// A meter turns successive stats into what a person wants to see. It is pure.
type meter struct {
	began, last time.Time
	read        int64
	rate        float64 // records a second, smoothed
	tasks       map[taskID]actors.TaskStats
}

type taskID struct {
	vertex  string
	subtask int
}

func newMeter(began time.Time) *meter { return &meter{began: began, last: began} }

// A view is a job at one moment, with its pace since the moment before.
type view struct {
	stats   actors.Stats
	now     time.Time
	elapsed time.Duration
	rate    float64
	busiest taskID
	busy    float64 // share of the time since, 0 to 1
	blocked float64
}

// smoothing is the time over which the rate shown follows the rate measured.
const smoothing = time.Second

// observe takes the stats as of now.
func (m *meter) observe(s actors.Stats, now time.Time) view {
	v := view{stats: s, now: now, elapsed: now.Sub(m.began)}
	passed := now.Sub(m.last)
	read, _ := records(s)
	if passed > 0 {
		fresh := 1 - math.Exp(-passed.Seconds()/smoothing.Seconds())
		if m.rate == 0 {
			fresh = 1
		}
		m.rate += fresh * (float64(read-m.read)/passed.Seconds() - m.rate)
	}
	tasks := make(map[taskID]actors.TaskStats, len(s.Tasks))
	for _, t := range s.Tasks {
		id := taskID{t.Vertex, t.Subtask}
		before := m.tasks[id]
		if busy := share(t.Busy-before.Busy, passed); busy > v.busy {
			v.busiest, v.busy, v.blocked = id, busy, share(t.Blocked-before.Blocked, passed)
		}
		tasks[id] = t
	}
	m.last, m.read, m.tasks = now, read, tasks
	v.rate = m.rate
	return v
}

func share(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, max(0, float64(part)/float64(whole)))
}

// records counts what sources have read and sinks have written.
func records(s actors.Stats) (read, written int64) {
	for _, t := range s.Tasks {
		if t.Source {
			read += t.RecordsIn
		}
		if t.Sink {
			written += t.RecordsOut
		}
	}
	return read, written
}

// watermark is the least of all tasks; ok is false when there are no event
// times.
func watermark(s actors.Stats) (at operator.Timestamp, ok bool) {
	at = operator.MaxTimestamp
	for _, t := range s.Tasks {
		at = min(at, t.Watermark)
	}
	return at, len(s.Tasks) > 0 && at != operator.MinTimestamp
}

// credits counts the batches that senders may still send, and may at most.
func credits(s actors.Stats) (held, all int) {
	for _, t := range s.Tasks {
		held += t.CreditsHeld
		all += t.Credits
	}
	return held, all
}

func entries(s actors.Stats) (n int64) {
	for _, t := range s.Tasks {
		n += t.Entries
	}
	return n
}

// line writes the view in at most width columns: what does not fit is left
// out, the least important first.
func (v view) line(width int) string {
	var b strings.Builder
	for _, part := range v.parts() {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			part = "  " + part
		}
		if utf8.RuneCountInString(b.String())+utf8.RuneCountInString(part) > width {
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

// parts are the pieces of the line, the most important first.
func (v view) parts() []string {
	s := v.stats
	read, _ := records(s)
	parts := []string{
		brief(v.elapsed),
		number(read) + " records",
		number(int64(v.rate)) + "/s",
		v.watermark(),
		v.checkpoint(),
	}
	if s.Phase != actors.Running {
		parts = append([]string{string(s.Phase)}, parts...)
	}
	if held, all := credits(s); all > 0 {
		parts = append(parts, fmt.Sprintf("credits %d%%", 100*held/all))
	}
	if n := entries(s); n > 0 {
		parts = append(parts, "state "+number(n))
	}
	if v.busy > 0 {
		parts = append(parts, fmt.Sprintf("slowest %s/%d busy %.0f%% blocked %.0f%%",
			v.busiest.vertex, v.busiest.subtask, 100*v.busy, 100*v.blocked))
	}
	return append(parts, "in flight "+byteSize(s.InFlight))
}

func (v view) watermark() string {
	at, ok := watermark(v.stats)
	switch {
	case !ok:
		return ""
	case at == operator.MaxTimestamp:
		return "watermark at the end"
	}
	return "watermark " + at.Time().Format("2006-01-02T15:04:05Z")
}

func (v view) checkpoint() string {
	c := v.stats.Checkpoints
	var s string
	if c.Last.ID != 0 {
		s = fmt.Sprintf("checkpoint %d, %s ago, took %s", c.Last.ID,
			brief(v.now.Sub(c.Last.At)), brief(c.Last.Duration))
	}
	if c.Failed > 0 {
		s = strings.TrimPrefix(fmt.Sprintf("%s, %d failed", s, c.Failed), ", ")
	}
	return s
}

// summary is the last line of a run.
func summary(s actors.Stats, how string, took time.Duration) string {
	read, written := records(s)
	rate := 0.0
	if took > 0 {
		rate = float64(read) / took.Seconds()
	}
	c := s.Checkpoints
	line := fmt.Sprintf("flow %s %s: read %s records and wrote %s in %s (%s/s), %s",
		s.Flow, how, humanize.Comma(read), humanize.Comma(written), brief(took),
		number(int64(rate)), countOf(c.Completed, "checkpoint"))
	if c.Failed > 0 {
		line += fmt.Sprintf(" (%d failed)", c.Failed)
	}
	return line + ", " + countOf(int64(max(s.Attempt-1, 0)), "restart")
}

func countOf(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// number writes n with three or four digits and a unit: 12.3k, 4.56M.
func number(n int64) string {
	f, units := float64(n), []string{"", "k", "M", "G", "T"}
	for len(units) > 1 && math.Abs(f) >= 999.5 {
		f, units = f/1000, units[1:]
	}
	switch {
	case units[0] == "":
		return fmt.Sprint(n)
	case math.Abs(f) < 9.995:
		return fmt.Sprintf("%.2f%s", f, units[0])
	case math.Abs(f) < 99.95:
		return fmt.Sprintf("%.1f%s", f, units[0])
	}
	return fmt.Sprintf("%.0f%s", f, units[0])
}

func byteSize(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// brief writes a duration with the precision that a reader cares about.
func brief(d time.Duration) string {
	switch {
	case d < 0:
		d = 0
	case d < time.Millisecond:
		d = d.Round(time.Microsecond)
	case d < time.Second:
		d = d.Round(time.Millisecond)
	case d < 10*time.Second:
		d = d.Round(10 * time.Millisecond)
	default:
		d = d.Round(time.Second)
	}
	if d >= 48*time.Hour {
		return fmt.Sprintf("%dd%dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
	}
	return shortDuration(d)
}
