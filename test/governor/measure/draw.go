package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wcharczuk/go-chart/v2"
)

// draw makes a picture of the ratios of each section, and one over time of
// each first trial of a saturated setting.
func draw(dir string, results []result) error {
	for _, of := range []section{saturated, batches} {
		if c := ratioChart(of, compare(results)); len(c.Series) > 0 {
			if err := save(filepath.Join(dir, fmt.Sprintf("ratios-%s.svg", of)), c); err != nil {
				return fmt.Errorf("draw the ratios: %w", err)
			}
		}
	}
	for _, r := range results {
		if r.Section != saturated || r.Run != 0 || len(r.Series) < 2 {
			continue
		}
		name := fmt.Sprintf("time-%s-%s.svg", r.Operator, r.Policy)
		if err := save(filepath.Join(dir, name), timeChart(r)); err != nil {
			return fmt.Errorf("draw a trial: %w", err)
		}
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

// ratioChart draws the throughput of the governor over that of the others: a
// dot for the median, a line for the spread.
func ratioChart(of section, all []comparison) chart.Chart {
	c := chart.Chart{
		Title: "Throughput of the governor over that of others, " + string(of),
		Width: 900, Height: 420, YAxis: chart.YAxis{Range: &chart.ContinuousRange{}},
		Background: chart.Style{Padding: chart.Box{Top: 40}},
	}
	highest, n := 1.0, 0.0
	for _, one := range all {
		if one.Section != of {
			continue
		}
		n++
		color := chart.ColorBlue
		if one.with == pidPolicy {
			color = chart.ColorRed
		}
		c.Series = append(c.Series, chart.ContinuousSeries{
			Style:   chart.Style{StrokeColor: color, StrokeWidth: 2},
			XValues: []float64{n, n}, YValues: []float64{one.speed.least, one.speed.most},
		}, chart.ContinuousSeries{
			Style:   chart.Style{StrokeWidth: chart.Disabled, DotWidth: 4, DotColor: color},
			XValues: []float64{n}, YValues: []float64{one.speed.mid},
		})
		label := fmt.Sprintf("%s / %s", one.Operator, one.with)
		c.XAxis.Ticks = append(c.XAxis.Ticks, chart.Tick{Value: n, Label: label})
		highest = max(highest, one.speed.most)
	}
	if n == 0 {
		return c
	}
	c.Series = append(c.Series, chart.ContinuousSeries{
		Style:   chart.Style{StrokeColor: chart.ColorLightGray, StrokeWidth: 1},
		XValues: []float64{0.5, n + 0.5}, YValues: []float64{1, 1},
	})
	c.YAxis.Range.SetMax(highest * 1.1)
	// The axis ends with its outermost ticks.
	c.XAxis.Ticks = append([]chart.Tick{{Value: 0.5}}, append(c.XAxis.Ticks, chart.Tick{Value: n + 0.5})...)
	c.XAxis.TickStyle = chart.Style{TextRotationDegrees: 25}
	return c
}

// timeChart draws a trial over time: what was taken, how long it took inside,
// what was in flight, what was granted, and the checkpoints.
func timeChart(r result) chart.Chart {
	lines := map[string]*chart.ContinuousSeries{}
	names := []string{"M records/s", "p99 inside, 10 ms", "in flight, MiB", "granted, 100 batches", "checkpoint"}
	colors := map[string]chart.Style{
		names[0]: {StrokeColor: chart.ColorBlue, StrokeWidth: 1.5},
		names[1]: {StrokeColor: chart.ColorRed, StrokeWidth: 1.5},
		names[2]: {StrokeColor: chart.ColorGreen, StrokeWidth: 1.5},
		names[3]: {StrokeColor: chart.ColorOrange, StrokeWidth: 1.5},
		names[4]: {StrokeColor: chart.ColorLightGray, StrokeWidth: 4},
	}
	for _, n := range names {
		lines[n] = &chart.ContinuousSeries{Name: n, Style: colors[n]}
	}
	last := 0.0
	for _, m := range r.Series {
		saving := 0.0
		if m.Saving {
			saving = 0.1
		}
		rate := float64(m.Records) / max(m.Seconds-last, 1e-3) / 1e6
		flying, granted := float64(m.InFlight)/(1<<20), float64(m.Windows)/100
		for i, y := range []float64{rate, m.P99 / 10, flying, granted, saving} {
			line := lines[names[i]]
			line.XValues, line.YValues = append(line.XValues, m.Seconds), append(line.YValues, y)
		}
		last = m.Seconds
	}
	c := chart.Chart{
		Title: fmt.Sprintf("%s with policy %s, saturated", r.Operator, r.Policy),
		Width: 1200, Height: 480, Background: chart.Style{Padding: chart.Box{Top: 40, Left: 150}},
		XAxis: chart.XAxis{Name: "seconds"},
	}
	for _, n := range names {
		c.Series = append(c.Series, lines[n])
	}
	c.Elements = []chart.Renderable{chart.LegendLeft(&c)}
	return c
}
