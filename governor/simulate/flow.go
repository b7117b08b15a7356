package simulate

import (
	"errors"
	"fmt"
	"time"
)

// Flow is what is simulated: a graph of stages.
type Flow struct {
	Stages []Stage
}

// Stage is one step, or chain of steps, run by a number of tasks.
type Stage struct {
	Parallelism int // default 1
	// Inputs are the stages it reads from, all earlier ones; a source has none.
	Inputs []int
	// Forward connects each task with the input's task of the same number
	// rather than with all.
	Forward bool
	Load    Load // of a source, divided over its tasks

	Record time.Duration // service time of a record
	Batch  time.Duration // and of a batch
	Noise  float64       // deviation of a batch's service time, as a part of it
	// Selectivity is the records that leave by each output for one that comes
	// in. Default 1; below 0 for none.
	Selectivity float64
	// Hot is the part of its input that goes to the first task on top of an
	// equal share of the rest. From HotAt on it is HotThen, if HotAt is set.
	Hot, HotThen float64
	HotAt        time.Duration
	State        State
	Pauses       []Pause
}

// State is what a task of a stage keeps.
type State struct {
	Touched int64 // bytes that a record changes
	Working int64 // bytes that can be changed: the working set
	Size    int64 // bytes at the start
	Growth  int64 // bytes that a record adds
}

// Pause is a time in which a stage does not work, as when a sink hangs.
type Pause struct{ At, For time.Duration }

// Load is what arrives at a source, in records a second.
type Load struct {
	Saturated bool    // as much as is taken
	Rate      float64 // on average
	// Burst is the part of each Cycle in which records arrive: 0.25 is four
	// times the rate for a quarter of the cycle.
	Burst float64
	// Swing is the amplitude of a sine over a Cycle, as a part of the rate.
	Swing float64
	Cycle time.Duration
	// Step multiplies the rate from StepAt on.
	StepAt time.Duration
	Step   float64
}

// at is the rate at a time.
func (l Load) at(now time.Duration) float64 {
	rate := l.Rate
	if l.StepAt > 0 && now >= l.StepAt {
		rate *= l.Step
	}
	if l.Cycle <= 0 {
		return rate
	}
	phase := float64(now%l.Cycle) / float64(l.Cycle)
	if l.Burst > 0 {
		if phase >= l.Burst {
			return 0
		}
		rate /= l.Burst
	}
	return rate * (1 + l.Swing*sine(phase))
}

// Checkpointing is how checkpoints are taken and what they cost. Without an
// interval there are none.
type Checkpointing struct {
	Interval time.Duration
	Capture  time.Duration // a task stands still
	Encode   float64       // bytes a second of the task's own time; 0 for no time
	Disk     float64       // bytes a second, shared by all tasks; 0 for no time
	Sync     time.Duration // on top, for each task
	// Full writes all bytes, not only those that have changed.
	Full bool
	// Slowdown is the factor by which tasks work more slowly while the disk
	// writes at full speed. Default 1.
	Slowdown float64
	// Burst is the chance that writing takes BurstBy times as long.
	Burst, BurstBy float64
}

func (f Flow) validate() error {
	if len(f.Stages) == 0 {
		return errors.New("simulate: the flow has no stages")
	}
	for i, s := range f.Stages {
		for _, in := range s.Inputs {
			if in < 0 || in >= i {
				return fmt.Errorf("simulate: stage %d reads from %d, which is not before it", i, in)
			}
			if s.Forward && max(1, f.Stages[in].Parallelism) != max(1, s.Parallelism) {
				return fmt.Errorf("simulate: stage %d is connected forward with stage %d "+
					"of another parallelism", i, in)
			}
		}
		if len(s.Inputs) == 0 && !s.Load.Saturated && s.Load.Rate < 0 {
			return fmt.Errorf("simulate: the load of stage %d is negative", i)
		}
	}
	return nil
}
