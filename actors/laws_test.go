package actors

import (
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// law is a policy for jobs under test, with control periods and goals that are
// short against the tests.
type law struct {
	name string
	set  func(*Config)
}

var laws = []law{
	{"none", func(*Config) {}},
	{"pid", func(c *Config) {
		c.Policy = func(g governor.Config) governor.Policy {
			p, err := governor.NewPID(g, governor.SparkGains, 0)
			if err != nil {
				panic(err)
			}
			return p
		}
	}},
	{"governor", func(c *Config) {
		c.Policy = func(g governor.Config) governor.Policy { return governor.New(g) }
		c.Goals = governor.Goals{Latency: 2 * time.Millisecond, Recovery: time.Second}
		c.Adaptive = c.CheckpointInterval > 0
	}},
	{"swinging", func(c *Config) {
		c.Policy, c.Relax = func(governor.Config) governor.Policy { return &moody{} }, true
	}},
	{"micro-batches", func(c *Config) {
		c.MicroBatch = &MicroBatch{Interval: time.Millisecond, Every: 2,
			Policy: func() governor.BatchPolicy { return governor.FixedBatch(700) }}
	}},
}

func (l law) apply(c Config) Config {
	c.ControlPeriod = time.Millisecond
	l.set(&c)
	return c
}

// moody is a policy that decides something else every time, all of it allowed.
type moody struct{ n int }

func (m *moody) Step(obs *governor.Observation, d *governor.Decision) {
	m.n++
	*d = governor.Decision{Grants: d.Grants[:0]}
	for i := range obs.Channels {
		n := 1 + (m.n+i)%5
		d.Grants = append(d.Grants, governor.Grant{
			Window: governor.Window{Batches: n, Bytes: 1000 * n}, Rate: float64(n) * 1e6,
		})
	}
	d.Rate = float64(m.n%3) * 500_000
	d.Batch = []int{0, 16, 100, 1000}[m.n%4]
	d.Pace = governor.Pace{
		Delay: time.Duration(m.n%3) * time.Millisecond, Share: float64(m.n%4) / 5,
		BytesPerSecond: float64(m.n%2) * 10e6, Within: time.Duration(m.n%3) * time.Millisecond,
	}
}
