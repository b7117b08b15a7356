package law

import (
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
)

// batch is the interval of micro-batches, every fourth with a checkpoint.
const batch = 20 * time.Millisecond

var laws = []struct {
	name string
	set  func(*actors.Config)
}{
	{"none", func(*actors.Config) {}},
	{"pid", func(c *actors.Config) { c.Policy = pid }},
	{"governor", func(c *actors.Config) {
		c.Relax = true
		c.Policy = func(g governor.Config) governor.Policy { return governor.New(g) }
		c.Goals = governor.Goals{Latency: 2 * time.Millisecond, Recovery: time.Second, Memory: 1 << 30}
	}},
	{"batches none", batches(func() governor.BatchPolicy { return governor.FixedBatch(1000) })},
	{"batches pid", batches(func() governor.BatchPolicy {
		return must(governor.NewPIDBatch(governor.SparkGains, batch, 100_000))
	})},
	{"batches governor", batches(func() governor.BatchPolicy {
		return must(governor.NewBudgetBatch(governor.Goals{}, batch, 100_000))
	})},
}

func pid(g governor.Config) governor.Policy {
	return must(governor.NewPID(g, governor.SparkGains, 0))
}

// must returns a policy whose configuration is right.
func must[P any](p P, err error) P {
	if err != nil {
		panic(err)
	}
	return p
}

func batches(p func() governor.BatchPolicy) func(*actors.Config) {
	return func(c *actors.Config) {
		c.MicroBatch = &actors.MicroBatch{Interval: batch, Every: 4, Policy: p}
	}
}

// Names are the policies by name.
func Names() (names []string) {
	for _, l := range laws {
		names = append(names, l.name)
	}
	return names
}

// Set gives a job a policy. It panics if there is none of that name.
func Set(name string, c *actors.Config) {
	for _, l := range laws {
		if l.name == name {
			c.ControlPeriod = 2 * time.Millisecond
			l.set(c)
			return
		}
	}
	panic(fmt.Sprintf("no policy is named %q", name))
}
