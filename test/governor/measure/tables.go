package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// column is one column of a table.
type column struct {
	title string
	cell  func(row) string
}

var (
	what = []column{
		{"operator", func(r row) string { return r.Operator }},
		{"policy", func(r row) string { return string(r.policy) }},
		{"runs", func(r row) string { return fmt.Sprint(r.runs) }},
		{"K records/s", func(r row) string { return scaled(r.speed, 1e-3, 0) }},
	}
	checkpoints = []column{
		{"checkpoint ms", func(r row) string { return scaled(r.saves, 1, 0) }},
		{"checkpoints", func(r row) string { return scaled(r.count, 1, 0) }},
		{"prediction's error, and ahead", predictionCell},
	}
	memories = []column{
		{"in flight MiB", func(r row) string { return scaled(r.inFlight, 1.0/(1<<20), 1) }},
		{"resident MiB", func(r row) string { return scaled(r.rss, 1.0/(1<<20), 0) }},
	}
	steadiness = []column{
		{"variation", func(r row) string { return scaled(r.variation, 1, 2) }},
		{"goal ms", func(r row) string { return fmt.Sprint(r.goal.Milliseconds()) }},
		{"goal kept", func(r row) string { return scaled(r.kept, 100, 1) + " %" }},
	}
	inside = []column{
		{"p50 inside ms", func(r row) string { return scaled(r.inside[0], 1, 0) }},
		{"p99", func(r row) string { return scaled(r.inside[1], 1, 0) }},
		{"p99.9", func(r row) string { return scaled(r.inside[2], 1, 0) }},
	}
	due = []column{
		{"p50 since due ms", func(r row) string { return scaled(r.due[0], 1, 0) }},
		{"p99", func(r row) string { return scaled(r.due[1], 1, 0) }},
		{"p99.9", func(r row) string { return scaled(r.due[2], 1, 0) }},
	}
	delays = []column{
		{"B, K", func(r row) string { return fmt.Sprintf("%v, %d", r.Batch, r.Every) }},
		{"p50 delay ms", func(r row) string { return scaled(r.delay[0], 1, 0) }},
		{"p99", func(r row) string { return scaled(r.delay[1], 1, 0) }},
		{"a/B", fixedCell},
		{"C/B", func(r row) string { return scaled(r.saving, 1/millis(r.Batch), 2) }},
		{"longer than B", func(r row) string { return scaled(r.overruns, 100, 0) + " %" }},
		{"busy", func(r row) string { return scaled(r.busy, 100, 1) + " %" }},
	}
	where = []column{
		{"state MiB", func(r row) string { return fmt.Sprint(r.State >> 20) }},
		{"interval", func(r row) string { return intervalText(r.Interval) }},
	}
	wanted = []column{
		{"goal / need", func(r row) string { return goalCell(r) }},
		{"goal kept", func(r row) string { return scaled(r.kept, 100, 1) + " %" }},
		{"goal ms", func(r row) string { return fmt.Sprint(r.goal.Milliseconds()) }},
		{"99 % of periods ms", func(r row) string { return scaled(r.worst, 1, 0) }},
		{"of none's speed", func(r row) string { return scaled(r.share, 1, 2) }},
	}
	shaped = []column{{"input", func(r row) string { return r.Shape }}}
)

func predictionCell(r row) string {
	if r.predicted == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%, %.0f %% of %d", 100*r.prediction.mid, 100*r.forecast.mid, r.predicted)
}

func goalCell(r row) string {
	if r.Times == 0 {
		return "need"
	}
	return fmt.Sprint(r.Times)
}

func fixedCell(r row) string {
	if r.fixed < 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", r.fixed/millis(r.Batch))
}

func intervalText(d time.Duration) string {
	if d < 0 {
		return "none"
	}
	return d.String()
}

// tables writes what the results say, in Markdown.
func tables(results []result) string {
	var b strings.Builder
	all := rows(results)
	figures := slices.Concat(inside, steadiness, checkpoints, memories)
	for _, t := range []struct {
		of      section
		mode    mode
		title   string
		columns []column
	}{
		{saturated, continuous, "Saturated", slices.Concat(what, figures)},
		{batches, batched, "Micro-batches", slices.Concat(what, delays, memories)},
		{open, continuous, "At a rate", slices.Concat(what, shaped, due, figures)},
		{goals, continuous, "Goals", slices.Concat(what, wanted, inside, checkpoints)},
		{grid, continuous, "Other states and intervals", slices.Concat(where, what, figures)},
		{lengths, batched, "Micro-batches in shifts", slices.Concat(what, delays, memories)},
	} {
		var some []row
		for _, r := range all {
			if r.Section == t.of && r.Mode == t.mode {
				some = append(some, r)
			}
		}
		if len(some) > 0 {
			fmt.Fprintf(&b, "## %s\n\n", t.title)
			table(&b, t.columns, some)
		}
	}
	comparisons(&b, compare(results))
	return b.String()
}

func table(b *strings.Builder, columns []column, all []row) {
	var titles []string
	for _, c := range columns {
		titles = append(titles, c.title)
	}
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(titles, " | "), strings.Repeat("---|", len(columns)))
	for _, r := range all {
		var cells []string
		for _, c := range columns {
			cells = append(cells, c.cell(r))
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
	}
	b.WriteByte('\n')
}

// comparisons writes the ratios, and their means over the operators.
func comparisons(b *strings.Builder, all []comparison) {
	if len(all) == 0 {
		return
	}
	b.WriteString("## The governor against the others\n\nRatios: throughput the more the better, " +
		"p99 (inside, or delay) and a checkpoint's duration the less.\n\n" +
		"| setting | operator | against | throughput | p99 | checkpoint |\n|---|---|---|---|---|---|\n")
	var of []string // settings, without the operator
	for _, c := range all {
		if name := c.without(); !slices.Contains(of, name) {
			of = append(of, name)
		}
	}
	for _, name := range of {
		for _, with := range []policy{nonePolicy, pidPolicy} {
			var speeds, latencies []float64
			for _, c := range all {
				if c.without() != name || c.with != with {
					continue
				}
				fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", name, c.Operator, with,
					scaled(c.speed, 1, 2), scaled(c.latency, 1, 2), scaled(c.saving, 1, 2))
				speeds, latencies = append(speeds, c.speed.mid), append(latencies, c.latency.mid)
			}
			if len(speeds) > 1 {
				fmt.Fprintf(b, "| %s | **mean of %d** | %s | **%.2f** | **%.2f** | |\n",
					name, len(speeds), with, mean(speeds), mean(latencies))
			}
		}
	}
}

// without is the setting as text, without its operator and that one's share.
func (s setting) without() string {
	state := s.State * s.share() >> 20
	if s.Mode == batched {
		return fmt.Sprintf("%s, %d MiB, B %v, K %d", s.Section, state, s.Batch, s.Every)
	}
	text := fmt.Sprintf("%s, %d MiB, checkpoints %s", s.Section, state, intervalText(s.Interval))
	if s.Shape != "" {
		text += ", " + s.Shape
	}
	return text
}

// scaled is a median with its spread, if there is one.
func scaled(s spread, by float64, digits int) string {
	switch {
	case s == spread{}:
		return "–"
	case s.least == s.most:
		return fmt.Sprintf("%.*f", digits, s.mid*by)
	}
	return fmt.Sprintf("%.*f (%.*f – %.*f)", digits, s.mid*by, digits, s.least*by, digits, s.most*by)
}
