package main

import (
	"context"
	"math"
	"time"
)

// A goal is feasible if the operator can keep it when it is in no hurry. What it needs is what
// fixed windows do at half of what they can take: there no queue stands, so that what is left is
// the operator's own: windows that fire, checkpoints, turns at the processor. A goal below that
// could only be kept by taking less than half.
const (
	calm = 0.5 // of what is taken with fixed windows
	kept = 0.99
)

// multiples are the goals that are tried, of what is needed.
var multiples = []float64{1, 2, 4}

// feasible tries goals on an operator that gets as much as it takes.
func (s *survey) feasible(ctx context.Context, home setting, capacity float64) error {
	home.Section = goals
	rest := home
	rest.Shape = "constant"
	var needs []float64
	for i := range (s.runs + 1) / 2 {
		t := s.trial(rest, nonePolicy, 0, capacity)
		t.Run, t.Rate = i, calm*capacity
		r, err := s.try(ctx, t)
		if err != nil {
			return err
		}
		if err := s.keep(r); err != nil {
			return err
		}
		needs = append(needs, r.Worst)
	}
	need := median(needs)
	for i := range (s.runs + 1) / 2 {
		for _, m := range multiples {
			at := home
			at.Times = m
			t := s.trial(at, ourPolicy, i, capacity)
			t.Goal = time.Duration(math.Ceil(m*need)) * time.Millisecond
			r, err := s.try(ctx, t)
			if err != nil {
				return err
			}
			if err := s.keep(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// worst is the goal that would have been kept in all periods but one in a hundred, in ms.
func worst(p99 []float64) float64 { return quantile(p99, kept) }
