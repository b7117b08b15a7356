package capacity

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/flyball-stream/flyball/governor/simulate"
)

// Report is what came of a plan.
type Report struct {
	Policies []Outcome
	Stages   []Utilisation
}

// Outcome is the flow under one policy, after the warm-up.
type Outcome struct {
	Policy     string
	Throughput float64 // records a second
	// Inside is from the reading of a record until it leaves, or of a micro-batch
	// from the beginning of its interval until it is complete. Arrival is from a
	// record's arrival, the wait before the source included; 0 of micro-batches.
	InsideP50, InsideP99, ArrivalP99 time.Duration
	Checkpoint                       time.Duration // median duration; 0 if none was completed
	Within                           float64       // part of the time within the latency goal
	InFlight                         int64         // most bytes
	Stuck                            bool          // records were left in the flow
}

// Utilisation is how busy the subtasks of a stage are at the offered load,
// checkpoints left out.
type Utilisation struct {
	Stage       string
	Rate        float64 // records a second that the load brings; 0 if it is unbounded
	Parallelism int
	Busy        float64 // part of the time of a subtask; of the hot one, if there is one
	Enough      int     // parallelism that leaves a third of the time free; 0 if none does
}

// comfortable is the part of its time that a task may be busy before queues
// grow long.
const comfortable = 0.67

// Run simulates the plan under each of its policies.
func (p *Plan) Run() (*Report, error) {
	r := &Report{Stages: p.utilisation()}
	for _, name := range p.Policies {
		if p.MicroBatch != nil {
			o, err := p.batched(name, p.length())
			if err != nil {
				return nil, err
			}
			r.Policies = append(r.Policies, o)
			continue
		}
		res, err := simulate.Run(p.spec(name))
		if err != nil {
			return nil, err
		}
		r.Policies = append(r.Policies, Outcome{
			Policy: name, Throughput: res.Throughput,
			InsideP50: res.Inside.P50, InsideP99: res.Inside.P99, ArrivalP99: res.Latency.P99,
			Checkpoint: res.Duration(), Within: res.Within, InFlight: res.InFlightPeak, Stuck: res.Left > 0,
		})
	}
	return r, nil
}

// utilisation follows the load through the stages.
func (p *Plan) utilisation() (all []Utilisation) {
	out := map[string]float64{} // records a second that leave a stage
	for _, s := range p.Stages {
		rate := 0.0
		if s.Load != nil {
			rate = s.Load.Rate
		}
		for _, in := range s.Inputs {
			rate += out[in]
		}
		out[s.Name] = rate
		out[s.Name] *= s.selectivity()
		one := s.work()
		u := Utilisation{Stage: s.Name, Rate: rate, Parallelism: s.Parallelism}
		u.Busy = rate * one * hottest(s.Hot, s.Parallelism)
		u.Enough = enough(rate*one, s.Hot)
		all = append(all, u)
	}
	return all
}

// hottest is the part of a stage's records that its busiest subtask gets.
func hottest(hot float64, parallelism int) float64 {
	return hot + (1-hot)/float64(parallelism)
}

// enough is the least parallelism at which the busiest subtask has time to
// spare, for work in seconds a second.
func enough(work, hot float64) int {
	if work*hot >= comfortable {
		return 0 // one key is too much for one subtask
	}
	return max(1, int(math.Ceil(work*(1-hot)/(comfortable-work*hot))))
}

// Write writes the report as tables.
func (r *Report) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "POLICY\tRECORDS/S\tINSIDE P50\tP99\tARRIVAL P99\tCHECKPOINT\tWITHIN GOAL\tIN FLIGHT")
	for _, o := range r.Policies {
		stuck := ""
		if o.Stuck {
			stuck = "  (not all has left)"
		}
		fmt.Fprintf(t, "%s\t%.0f\t%v\t%v\t%v\t%v\t%.0f%%\t%.1f MiB%s\n", o.Policy, o.Throughput,
			brief(o.InsideP50), brief(o.InsideP99), o.arrival(), brief(o.Checkpoint),
			100*o.Within, float64(o.InFlight)/(1<<20), stuck)
	}
	fmt.Fprintln(t)
	fmt.Fprintln(t, "STAGE\tRECORDS/S\tPARALLELISM\tBUSY\tENOUGH")
	for _, u := range r.Stages {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\n", u.Stage, u.rate(), u.Parallelism, u.busy(), u.enough())
	}
	return t.Flush()
}

func (o Outcome) arrival() string {
	if o.ArrivalP99 == 0 {
		return "–"
	}
	return brief(o.ArrivalP99).String()
}

func (u Utilisation) rate() string {
	if u.Rate == 0 {
		return "unbounded"
	}
	return fmt.Sprintf("%.0f", u.Rate)
}

func (u Utilisation) busy() string {
	if u.Rate == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f%%", 100*u.Busy)
}

func (u Utilisation) enough() string {
	switch {
	case u.Rate == 0:
		return "–"
	case u.Enough == 0:
		return "none: one key alone is too much"
	}
	return fmt.Sprint(u.Enough)
}

func brief(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
