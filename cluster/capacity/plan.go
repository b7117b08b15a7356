package capacity

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/governor/simulate"
)

// Plan is a flow to be simulated.
type Plan struct {
	Stages      []Stage     `json:"stages"`
	Checkpoints Checkpoints `json:"checkpoints"`
	MicroBatch  *MicroBatch `json:"microBatch"` // continuous without
	Goals       Goals       `json:"goals"`
	Policies    []string    `json:"policies"` // default all
	Duration    Duration    `json:"duration"` // default a minute, of which the first quarter is not measured
	Seed        uint64      `json:"seed"`
}

// Stage is one step or chain of steps.
type Stage struct {
	Name        string   `json:"name"`
	Inputs      []string `json:"inputs"`      // names of earlier stages; none for a source
	Load        *Load    `json:"load"`        // of a source
	Parallelism int      `json:"parallelism"` // default 1
	Record      Duration `json:"record"`      // work on a record
	Batch       Duration `json:"batch"`       // and on a batch of up to 512
	Selectivity *float64 `json:"selectivity"` // records out for one in; default 1
	Hot         float64  `json:"hot"`         // part of the records that one subtask gets beside its share
	State       State    `json:"state"`
	Pauses      []Pause  `json:"pauses"`
}

// Load is what arrives at a source, in records a second.
type Load struct {
	Rate  float64  `json:"rate"` // on average; 0 for as much as is taken
	Burst float64  `json:"burst"`
	Swing float64  `json:"swing"`
	Cycle Duration `json:"cycle"`
}

// State is what a stage keeps, all subtasks together.
type State struct {
	Touched Size `json:"touched"` // changed by a record
	Working Size `json:"working"` // that can change
	Size    Size `json:"size"`    // at the start
	Growth  Size `json:"growth"`  // added by a record
}

// Pause is a time in which a stage does not work.
type Pause struct {
	At  Duration `json:"at"`
	For Duration `json:"for"`
}

// Checkpoints is how checkpoints are taken. Without an interval there are none.
type Checkpoints struct {
	Interval Duration `json:"interval"`
	Capture  Duration `json:"capture"`
	Encode   Size     `json:"encode"` // a second of a task's own time
	Disk     Size     `json:"disk"`   // a second
	Sync     Duration `json:"sync"`
	Slowdown float64  `json:"slowdown"` // of tasks while the disk writes; default 1
	Full     bool     `json:"full"`
}

// Goals are the governor's.
type Goals struct {
	Latency Duration `json:"latency"`
	Memory  Size     `json:"memory"`
}

// Duration is a time such as "10ms".
type Duration time.Duration

// UnmarshalJSON reads a Go duration.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("got %s, want a duration in quotes, such as \"10ms\"", b)
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("got %q, want a duration, such as \"10ms\"", s)
	}
	*d = Duration(v)
	return nil
}

// Size is a number of bytes, such as "2GB" or 1000.
type Size int64

// UnmarshalJSON reads a number or a number with a unit.
func (z *Size) UnmarshalJSON(b []byte) error {
	var n int64
	if json.Unmarshal(b, &n) == nil && n >= 0 {
		*z = Size(n)
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("got %s, want a size, such as 1000 or \"2GB\"", b)
	}
	v, err := humanize.ParseBytes(s)
	if err != nil || v > math.MaxInt64 {
		return fmt.Errorf("got %q, want a size, such as \"2GB\"", s)
	}
	*z = Size(v)
	return nil
}

// Read reads a plan and checks it.
func Read(r io.Reader) (*Plan, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var p Plan
	if err := d.Decode(&p); err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	if d.More() {
		return nil, errors.New("read plan: there is something after its end")
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	return &p, nil
}

const (
	// mostTasks is what a simulation can have.
	mostTasks = 10_000
	// mostTime bounds how long a simulation is, in its own time.
	mostTime = 24 * time.Hour
)

func (p *Plan) check() error {
	if len(p.Stages) == 0 {
		return errors.New("it has no stages")
	}
	if time.Duration(p.Duration) > mostTime {
		return fmt.Errorf("duration %v: want at most %v", time.Duration(p.Duration), mostTime)
	}
	tasks, names := 0, map[string]bool{}
	for i := range p.Stages {
		s := &p.Stages[i]
		if err := s.check(names); err != nil {
			return fmt.Errorf("stage %d, %q: %w", i, s.Name, err)
		}
		names[s.Name] = true
		s.Parallelism = max(1, s.Parallelism)
		if tasks += s.Parallelism; tasks > mostTasks {
			return fmt.Errorf("it has more than %d tasks", mostTasks)
		}
	}
	if len(p.Policies) == 0 {
		p.Policies = []string{"none", "pid", "governor"}
	}
	for _, name := range p.Policies {
		if p.policy(name) == nil {
			return fmt.Errorf("policy %q: want none, pid or governor", name)
		}
	}
	if p.MicroBatch != nil {
		return p.checkBatches()
	}
	return nil
}

func (s *Stage) check(earlier map[string]bool) error {
	switch {
	case s.Name == "" || earlier[s.Name]:
		return errors.New("it needs a name of its own")
	case len(s.Inputs) == 0 && s.Load == nil:
		return errors.New("it has neither inputs nor a load")
	case len(s.Inputs) > 0 && s.Load != nil:
		return errors.New("it has inputs and a load; only a source has a load")
	case s.Parallelism < 0 || s.Parallelism > mostTasks:
		return fmt.Errorf("parallelism %d", s.Parallelism)
	case s.Hot < 0 || s.Hot > 1:
		return fmt.Errorf("hot %v: want a part, from 0 to 1", s.Hot)
	case s.Selectivity != nil && *s.Selectivity < 0:
		return fmt.Errorf("selectivity %v is negative", *s.Selectivity)
	}
	if l := s.Load; l != nil && (l.Rate < 0 || l.Burst < 0 || l.Burst > 1 || l.Swing < 0 || l.Swing > 1) {
		return errors.New("load: want a rate from 0 on, and burst and swing from 0 to 1")
	}
	for _, in := range s.Inputs {
		if !earlier[in] {
			return fmt.Errorf("input %q is no earlier stage", in)
		}
	}
	return nil
}

// policy makes policies by name; nil if there is none.
func (p *Plan) policy(name string) func(simulate.Place) governor.Policy {
	goals := governor.Goals{Latency: time.Duration(p.Goals.Latency), Memory: int64(p.Goals.Memory)}
	switch name {
	case "none":
		return func(simulate.Place) governor.Policy { return governor.Fixed(governor.DefaultWindow) }
	case "pid":
		return func(at simulate.Place) governor.Policy {
			law, _ := governor.NewPID(at.Config(goals), governor.SparkGains, 0) // which are right
			return law
		}
	case "governor":
		return func(at simulate.Place) governor.Policy { return governor.New(at.Config(goals)) }
	}
	return nil
}

// length is how long the plan is simulated.
func (p *Plan) length() time.Duration {
	if p.Duration == 0 {
		return time.Minute
	}
	return time.Duration(p.Duration)
}

// spec is the plan as a simulation.
func (p *Plan) spec(policy string) simulate.Spec {
	c, duration := p.Checkpoints, p.length()
	spec := simulate.Spec{
		Duration: duration, Warmup: duration / 4, Goal: time.Duration(p.Goals.Latency),
		Policy: p.policy(policy), Seed: p.Seed,
		Checkpoints: simulate.Checkpointing{
			Interval: time.Duration(c.Interval), Capture: time.Duration(c.Capture),
			Encode: float64(c.Encode), Disk: float64(c.Disk), Sync: time.Duration(c.Sync),
			Full: c.Full, Slowdown: c.Slowdown,
		},
	}
	index := map[string]int{}
	for i, s := range p.Stages {
		index[s.Name] = i
		spec.Flow.Stages = append(spec.Flow.Stages, s.simulated(index))
	}
	return spec
}

// simulated is the stage for the simulator, whose state is by task.
func (s Stage) simulated(index map[string]int) simulate.Stage {
	n := int64(s.Parallelism)
	out := simulate.Stage{
		Parallelism: s.Parallelism, Record: time.Duration(s.Record), Batch: time.Duration(s.Batch),
		Hot: s.Hot, Selectivity: 1, Noise: 0.05,
		State: simulate.State{
			Touched: int64(s.State.Touched), Working: int64(s.State.Working) / n,
			Size: int64(s.State.Size) / n, Growth: int64(s.State.Growth),
		},
	}
	if s.Selectivity != nil {
		out.Selectivity = *s.Selectivity
		if out.Selectivity == 0 {
			out.Selectivity = -1 // none, for the simulator
		}
	}
	for _, in := range s.Inputs {
		out.Inputs = append(out.Inputs, index[in])
	}
	if l := s.Load; l != nil {
		out.Load = simulate.Load{
			Saturated: l.Rate == 0, Rate: l.Rate, Burst: l.Burst, Swing: l.Swing,
			Cycle: time.Duration(l.Cycle),
		}
	}
	for _, pause := range s.Pauses {
		out.Pauses = append(out.Pauses, simulate.Pause{
			At: time.Duration(pause.At), For: time.Duration(pause.For),
		})
	}
	return out
}
