package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wcharczuk/go-chart/v2"
)

// draw makes a picture of the speeds and one of each query's memory over time.
func draw(dir string, rows []row, results []result) error {
	err := save(filepath.Join(dir, "nexmark.svg"), speeds(rows))
	if err != nil {
		return fmt.Errorf("draw the speeds: %w", err)
	}
	memory := memories(results)
	if len(memory.Series) == 0 {
		return nil
	}
	memory.Elements = []chart.Renderable{chart.LegendLeft(&memory)}
	if err := save(filepath.Join(dir, "memory.svg"), memory); err != nil {
		return fmt.Errorf("draw the memory: %w", err)
	}
	return nil
}

func save(path string, c chart.Chart) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.Render(chart.SVG, f); err != nil {
		return err
	}
	return f.Close()
}

// speeds draws the median of each query as a dot and its spread as a line.
func speeds(rows []row) chart.Chart {
	c := chart.Chart{
		Title: "Nexmark: K events/s for each core, a checkpoint every second",
		Width: 1200, Height: 420, YAxis: chart.YAxis{Range: &chart.ContinuousRange{}},
		Background: chart.Style{Padding: chart.Box{Top: 40}},
	}
	medians := chart.ContinuousSeries{Style: chart.Style{
		StrokeWidth: chart.Disabled, DotWidth: 4, DotColor: chart.ColorBlue,
	}}
	highest := 0.0
	for i, r := range rows {
		at, s := float64(i+1), r.perCore
		medians.XValues = append(medians.XValues, at)
		medians.YValues = append(medians.YValues, s.mid/1e3)
		c.Series = append(c.Series, chart.ContinuousSeries{
			Style:   chart.Style{StrokeColor: chart.ColorBlue, StrokeWidth: 2},
			XValues: []float64{at, at}, YValues: []float64{s.least / 1e3, s.most / 1e3},
		})
		c.XAxis.Ticks = append(c.XAxis.Ticks, chart.Tick{Value: at, Label: r.query})
		highest = max(highest, s.most/1e3)
	}
	c.YAxis.Range.SetMax(highest * 1.05)
	// The range is that of the ticks.
	c.XAxis.Ticks = append(c.XAxis.Ticks,
		chart.Tick{Value: 0.5}, chart.Tick{Value: float64(len(rows)) + 0.5})
	c.Series = append(c.Series, medians)
	return c
}

// memories draws the long trial of each query.
func memories(results []result) chart.Chart {
	last := map[string]result{}
	for _, r := range results {
		if r.Mode == longMode {
			last[r.Query] = r
		}
	}
	c := chart.Chart{
		Title: "MiB resident, over the run", Width: 1200, Height: 700,
		Background: chart.Style{Padding: chart.Box{Top: 40, Left: 100}},
		XAxis:      chart.XAxis{Name: "share of the events"},
	}
	for _, name := range queries(results) {
		line := chart.ContinuousSeries{Name: name}
		for _, m := range last[name].Memory {
			line.XValues = append(line.XValues, m.Seconds/last[name].Seconds)
			line.YValues = append(line.YValues, float64(m.RSS)/(1<<20))
		}
		if len(line.XValues) > 1 {
			c.Series = append(c.Series, line)
		}
	}
	return c
}
