package cluster

import (
	"fmt"
	"math"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
)

// The policies by the name that the flag -governor has for them.
const (
	autoPolicy     = "auto"
	nonePolicy     = "none"
	pidPolicy      = "pid"
	governorPolicy = "governor"
)

// policy is the policy that is meant.
func (s *settings) policy() string {
	if s.Governor != autoPolicy {
		return s.Governor
	}
	if s.aims() || s.Interval == 0 {
		return governorPolicy
	}
	return nonePolicy
}

// aims reports whether there is a goal.
func (s *settings) aims() bool {
	return s.Latency > 0 || s.Recovery > 0 || s.Memory != "" && s.Memory != "0"
}

// goals are the goals that are set.
func (s *settings) goals() (governor.Goals, error) {
	g := governor.Goals{Latency: s.Latency, Recovery: s.Recovery}
	if s.Memory == "" || s.Memory == "0" {
		return g, nil
	}
	n, err := humanize.ParseBytes(s.Memory)
	if err != nil || n == 0 || n > math.MaxInt64 {
		return g, fmt.Errorf("-memory %q: want a size, such as 512MiB, or 0 for no goal", s.Memory)
	}
	g.Memory = int64(n)
	return g, nil
}

// checkGovernor finds settings of the governor's that cannot be.
func (s *settings) checkGovernor() error {
	if _, err := s.goals(); err != nil {
		return err
	}
	switch s.Governor {
	case autoPolicy, nonePolicy, pidPolicy, governorPolicy:
	default:
		return fmt.Errorf("-governor %s: want none, pid, governor or auto", s.Governor)
	}
	governs := s.policy() == governorPolicy
	switch {
	case s.Latency < 0 || s.Recovery < 0:
		return fmt.Errorf("-latency %v, -recovery %v: want durations, or 0 for no goal", s.Latency, s.Recovery)
	case !governs && s.aims():
		return fmt.Errorf("-governor %s: it knows no goals; leave -latency, -recovery and -memory out, "+
			"or use -governor governor", s.Governor)
	case !governs && s.Interval == 0:
		return fmt.Errorf("-interval 0: only -governor governor chooses when checkpoints are taken; " +
			"want a duration, or a negative one for none")
	case s.Batch < 0 || s.BatchCheckpoint < 0:
		return fmt.Errorf("-batch %v, -batch-checkpoint %d: want 0 or more", s.Batch, s.BatchCheckpoint)
	}
	return nil
}

// govern adds the policy, its goals and the kind of batches to cfg. The
// settings have been checked.
func (s *settings) govern(cfg *actors.Config) {
	goals, _ := s.goals()
	cfg.Goals = goals
	policy := s.policy()
	if s.Batch > 0 {
		cfg.MicroBatch = &actors.MicroBatch{
			Interval: s.Batch, Every: s.BatchCheckpoint,
			Policy: func() governor.BatchPolicy { return batchPolicy(policy, goals, s.Batch) },
		}
		return
	}
	switch policy {
	case pidPolicy:
		cfg.Policy = newPID
	case governorPolicy:
		cfg.Policy = func(c governor.Config) governor.Policy { return governor.New(c) }
		cfg.Adaptive = s.Interval == 0 || s.Recovery > 0
		cfg.Relax = true
	}
}

func newPID(c governor.Config) governor.Policy {
	p, _ := governor.NewPID(c, governor.SparkGains, 0) // which are right
	return p
}

// firstRate is what a micro-batch is sized by before anything has been
// measured, in records a second.
const firstRate = 100_000

// batchPolicy is what sizes micro-batches. Without a policy they take what there
// is.
func batchPolicy(name string, g governor.Goals, interval time.Duration) governor.BatchPolicy {
	switch name {
	case pidPolicy:
		p, _ := governor.NewPIDBatch(governor.SparkGains, interval, firstRate) // which are right
		return p
	case governorPolicy:
		p, _ := governor.NewBudgetBatch(g, interval, firstRate) // the interval has been checked
		return p
	}
	return governor.FixedBatch(math.MaxInt32)
}
