package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// row is what a table says of one query.
type row struct {
	query string
	// Over all trials of a kind.
	speed, perCore        spread // events/s with checkpoints; and for each core-second
	ofLoop, kept, scaling spread // ratios; see header
	machine               spread // of processes side by side; see package documentation
	p50, p99, saves, peak spread
	mallocs               spread
}

// spread is a median with the least and the most.
type spread struct{ mid, least, most float64 }

func spreadOf(v []float64) spread {
	if len(v) == 0 {
		return spread{}
	}
	return spread{median(v), slices.Min(v), slices.Max(v)}
}

// report reads the results and draws and writes what they say.
func report(dir string) error {
	results, err := load(filepath.Join(dir, "results.jsonl"))
	if err != nil {
		return err
	}
	var rows []row
	for _, q := range queries(results) {
		rows = append(rows, sumUp(q, results))
	}
	var b strings.Builder
	table(&b, rows)
	growth(&b, results)
	if err := os.WriteFile(filepath.Join(dir, "nexmark.md"), []byte(b.String()), 0o666); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if _, err := os.Stdout.WriteString(b.String()); err != nil {
		return err
	}
	return draw(dir, rows, results)
}

func load(path string) (results []result, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the results: %w", err)
	}
	defer f.Close()
	for dec := json.NewDecoder(bufio.NewReader(f)); ; {
		var r result
		switch err := dec.Decode(&r); {
		case errors.Is(err, io.EOF):
			return results, nil
		case err != nil:
			return nil, fmt.Errorf("read the results: %s: %w", path, err)
		}
		results = append(results, r)
	}
}

// queries are the names in the order of their first results.
func queries(results []result) (names []string) {
	for _, r := range results {
		if !slices.Contains(names, r.Query) {
			names = append(names, r.Query)
		}
	}
	return names
}

func sumUp(query string, results []result) row {
	of := func(m mode, f func(result) float64) (v []float64) {
		for _, r := range results {
			if r.Query == query && r.Mode == m {
				v = append(v, f(r))
			}
		}
		return v
	}
	perSecond, perCore := result.perSecond, result.perCore
	seconds := func(r result) float64 { return r.Seconds }
	var saves []float64
	for _, r := range results {
		if r.Query == query && r.Mode == savedMode {
			saves = append(saves, r.Checkpoints...)
		}
	}
	return row{
		query:   query,
		speed:   spreadOf(of(savedMode, perSecond)),
		perCore: spreadOf(of(savedMode, perCore)),
		ofLoop:  spreadOf(ratios(of(oneMode, seconds), of(limitMode, seconds))),
		kept:    spreadOf(ratios(of(savedMode, perCore), of(coresMode, perCore))),
		scaling: spreadOf(ratios(of(coresMode, perSecond), of(singleMode, perSecond))),
		machine: spreadOf(ratios(of(besideMode, perSecond), of(singleMode, perSecond))),
		p50:     spreadOf(of(pacedMode, func(r result) float64 { return r.P50 })),
		p99:     spreadOf(of(pacedMode, func(r result) float64 { return r.P99 })),
		peak:    spreadOf(of(savedMode, func(r result) float64 { return float64(r.RSS) / (1 << 20) })),
		mallocs: spreadOf(of(oneMode, func(r result) float64 { return r.Mallocs })),
		saves:   spreadOf(saves),
	}
}

// ratios divides the results of neighbours in time.
func ratios(over, under []float64) (v []float64) {
	for i := range min(len(over), len(under)) {
		v = append(v, over[i]/under[i])
	}
	return v
}

// header names the columns. Ratios are of trials that took turns.
const header = "| query | K events/s | K events/s/core | core-s per 100 M | time of the loop's " +
	"| of speed without checkpoints | cores' speed-up | of processes side by side | allocs/event " +
	"| p50 ms | p99 ms | peak MiB | checkpoint ms |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"

// table writes Markdown.
func table(w io.Writer, rows []row) {
	fmt.Fprint(w, header)
	for _, r := range rows {
		cells := []string{
			r.query, scaled(r.speed, 1e-3, 0), scaled(r.perCore, 1e-3, 0),
			inverse(r.perCore), scaled(r.ofLoop, 1, 2), scaled(r.kept, 1, 2),
			scaled(r.scaling, 1, 2), scaled(r.machine, 1, 2), fmt.Sprintf("%.3f", r.mallocs.mid),
			scaled(r.p50, 1, 1), scaled(r.p99, 1, 1), fmt.Sprintf("%.0f", r.peak.most),
			scaled(r.saves, 1, 0),
		}
		fmt.Fprintln(w, "| "+strings.Join(cells, " | ")+" |")
	}
}

// growth writes what the long trials held after a quarter of their events and
// at the end: memory that follows the entries of state is theirs.
func growth(w io.Writer, results []result) {
	first := true
	for _, r := range results {
		if r.Mode != longMode || len(r.Memory) < 4 {
			continue
		}
		if first {
			fmt.Fprint(w, "\n| query | events | entries at a quarter | at the end "+
				"| MiB at a quarter | at the end |\n|---|---|---|---|---|---|\n")
			first = false
		}
		early, late := r.Memory[len(r.Memory)/4], r.Memory[len(r.Memory)-1]
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %d |\n", r.Query, r.Events,
			early.Entries, late.Entries, early.RSS>>20, late.RSS>>20)
	}
}

// scaled is a median with its spread.
func scaled(s spread, by float64, digits int) string {
	if s.mid == 0 {
		return "–"
	}
	return fmt.Sprintf("%.*f (%.*f – %.*f)", digits, s.mid*by, digits, s.least*by, digits, s.most*by)
}

// inverse is the cost of 100 million events.
func inverse(s spread) string {
	if s.mid == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", 1e8/s.mid)
}
