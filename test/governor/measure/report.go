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
	"time"
)

// load reads results.
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

// row is what a table says of a setting and a policy: over all of its trials,
// or over all that happened in them.
type row struct {
	setting
	policy     policy
	runs       int
	speed      spread // records/s
	variation  spread
	inside     [3]spread // ms: p50, p99, p99.9
	due        [3]spread
	goal       time.Duration
	kept       spread
	worst      spread // ms
	share      spread // of what none took, saturated
	inFlight   spread // bytes
	rss        spread
	saves      spread // ms
	count      spread // checkpoints
	prediction spread // error, at the barrier
	forecast   spread // and before it
	predicted  int    // checkpoints predicted
	delay      [2]spread
	fixed      float64 // ms; below 0 if unknown
	saving     spread
	overruns   spread
	busy       spread
}

// rows sums up results in the order in which settings first appear.
func rows(results []result) (all []row) {
	type kind struct {
		setting
		policy
	}
	var kinds []kind
	of := map[kind][]result{}
	for _, r := range results {
		k := kind{r.setting, r.Policy}
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
		of[k] = append(of[k], r)
	}
	for _, k := range kinds {
		if k.policy == varyPolicy {
			continue // it is there for the others
		}
		one := sumUp(of[k])
		one.fixed = -1
		for _, r := range of[kind{k.setting, varyPolicy}] {
			one.fixed = r.Batches.Fixed
		}
		all = append(all, one)
	}
	return all
}

func sumUp(results []result) row {
	over := func(f func(result) float64) spread { return spreadOf(each(results, f)) }
	r := row{setting: results[0].setting, policy: results[0].Policy, runs: len(results)}
	r.speed = over(result.perSecond)
	r.variation = over(func(r result) float64 { return r.Variation })
	r.inside = quantileSpreads(results, func(r result) quantiles { return r.Inside })
	r.due = quantileSpreads(results, func(r result) quantiles { return r.Due })
	r.goal = results[len(results)-1].Goal // a first one may have had none
	r.kept = over(func(r result) float64 { return r.Kept })
	r.worst = over(func(r result) float64 { return r.Worst })
	r.share = over(func(r result) float64 { return r.perSecond() / max(1, r.Capacity) })
	r.inFlight = over(func(r result) float64 { return float64(r.InFlight) })
	r.rss = over(func(r result) float64 { return float64(r.RSS) })
	r.saves, r.prediction = spreadOf(saves(results)), spread{}
	r.count = over(func(r result) float64 { return float64(len(r.Checkpoints)) })
	var errs, ahead []float64
	for _, one := range results {
		errs, ahead = append(errs, one.Predictions...), append(ahead, one.Forecasts...)
	}
	r.forecast = spreadOf(ahead)
	r.prediction, r.predicted = spreadOf(errs), len(errs)
	r.delay = [2]spread{
		over(func(r result) float64 { return r.Batches.Delay.P50 }),
		over(func(r result) float64 { return r.Batches.Delay.P99 }),
	}
	r.saving = over(func(r result) float64 { return r.Batches.Saving })
	r.overruns = over(func(r result) float64 { return r.Batches.Overruns })
	r.busy = over(func(r result) float64 { return r.Batches.Busy })
	return r
}

func each(results []result, f func(result) float64) (v []float64) {
	for _, r := range results {
		v = append(v, f(r))
	}
	return v
}

func saves(results []result) (v []float64) {
	for _, r := range results {
		for _, c := range r.Checkpoints {
			v = append(v, c.Took)
		}
	}
	return v
}

func quantileSpreads(results []result, of func(result) quantiles) [3]spread {
	return [3]spread{
		spreadOf(each(results, func(r result) float64 { return of(r).P50 })),
		spreadOf(each(results, func(r result) float64 { return of(r).P99 })),
		spreadOf(each(results, func(r result) float64 { return of(r).P999 })),
	}
}

// comparison is the governor against another policy, in one setting: ratios of
// trials that were neighbours in time.
type comparison struct {
	setting
	with                   policy
	speed, latency, saving spread
}

// compare compares the governor with the others in each setting. Latency is
// that inside or, of micro-batches, their delay.
func compare(results []result) (all []comparison) {
	var settings []setting
	for _, r := range results {
		if !slices.Contains(settings, r.setting) {
			settings = append(settings, r.setting)
		}
	}
	for _, s := range settings {
		ours := having(results, s, ourPolicy)
		for _, with := range []policy{nonePolicy, pidPolicy} {
			theirs := having(results, s, with)
			if len(ours) == 0 || len(theirs) == 0 {
				continue
			}
			against := func(f func(result) float64) spread {
				return spreadOf(ratios(each(ours, f), each(theirs, f)))
			}
			all = append(all, comparison{
				setting: s, with: with, speed: against(result.perSecond), latency: against(p99),
				saving: against(func(r result) float64 { return median(saves([]result{r})) }),
			})
		}
	}
	return all
}

func p99(r result) float64 {
	if r.Mode == batched {
		return r.Batches.Delay.P99
	}
	return r.Inside.P99
}

func having(results []result, s setting, p policy) (some []result) {
	for _, r := range results {
		if r.setting == s && r.Policy == p {
			some = append(some, r)
		}
	}
	return some
}

// report draws and writes what the results say.
func report(dir string) error {
	results, err := load(filepath.Join(dir, "results.jsonl"))
	if err != nil {
		return err
	}
	text := tables(results)
	if err := os.WriteFile(filepath.Join(dir, "governor.md"), []byte(text), 0o666); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if _, err := os.Stdout.WriteString(text); err != nil {
		return err
	}
	return draw(dir, results)
}
