package cluster

import (
	"bytes"
	"cmp"
	_ "embed" // the page
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

//go:embed status.html
var statusHTML string

// statusPage is what the page is filled with.
type statusPage struct {
	Stats         actors.Stats
	Plan          *plan.Plan
	Bound         actors.Bound
	Diagram       template.HTML
	Read, Written int64
	Entries       int64
	Watermark     string
	Counters      []countRow
	Why           string
}

type countRow struct {
	actors.CounterKey
	N int64
}

// status writes the page for people.
func (g *pages) status(w http.ResponseWriter, _ *http.Request) {
	s := g.job.Stats()
	page := statusPage{
		Stats: s, Plan: g.plan, Bound: g.job.Bound(), Diagram: diagram(g.plan),
		Entries: entries(s), Watermark: view{stats: s}.watermark(), Counters: counterRows(s),
	}
	page.Read, page.Written = records(s)
	var why strings.Builder
	writeWhy(&why, s, s.Why(collectorShare()))
	page.Why = why.String()
	var b bytes.Buffer
	t, err := template.New("status").Funcs(g.funcs()).Parse(statusHTML)
	if err == nil {
		err = t.Execute(&b, page)
	}
	if err != nil {
		http.Error(w, fmt.Sprintf("write the status page: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w) // the reader has gone if this fails
}

func counterRows(s actors.Stats) []countRow {
	rows := make([]countRow, 0, len(s.Counters))
	for k, n := range s.Counters {
		rows = append(rows, countRow{k, n})
	}
	slices.SortFunc(rows, func(a, b countRow) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Name, b.Name))
	})
	return rows
}

func (g *pages) funcs() template.FuncMap {
	return template.FuncMap{
		"number": number, "bytes": byteSize, "brief": brief,
		"age":       func(t time.Time) string { return brief(g.now().Sub(t)) },
		"timestamp": timestamp, "shares": shares,
	}
}

// shares are the parts of its life that a task was busy, blocked and idle.
func shares(t actors.TaskStats) []string {
	all := t.Busy + t.Blocked + t.Idle
	var list []string
	for _, part := range []time.Duration{t.Busy, t.Blocked, t.Idle} {
		list = append(list, fmt.Sprintf("%.0f%%", 100*share(part, all)))
	}
	return list
}

func timestamp(t operator.Timestamp) string {
	switch t {
	case operator.MinTimestamp:
		return "–"
	case operator.MaxTimestamp:
		return "end"
	}
	return t.Time().Format("2006-01-02T15:04:05Z")
}
