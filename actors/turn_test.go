package actors

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/governor"
)

// turning is the fixed policy with turns of some length.
type turning struct{ turn time.Duration }

func (p turning) Step(o *governor.Observation, d *governor.Decision) {
	governor.Fixed(governor.DefaultWindow).Step(o, d)
	d.Turn = p.turn
}

// TestTurns counts how often another goroutine gets the only processor while a
// task works through a long queue: many times as often if the task takes turns
// that are a small part of what the runtime gives it. What it gets while nothing is
// worked on does not count.
func TestTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	interrupted := func(turn time.Duration) (times int) {
		var done atomic.Int64
		r := runJob(t, Config{
			Parallelism: 1, Policy: func(governor.Config) governor.Policy { return turning{turn} },
		}, func(g *dataflow.Graph) {
			in := dataflow.Rebalance(dataflow.Read(g, "in", &numbers{n: 300_000, splits: 1}))
			work := dataflow.Map(in, "work", func(i int) int {
				done.Add(1)
				return spin(i)
			})
			dataflow.Write(work, "out", newLedger[int]())
		})
		for before := int64(0); ; {
			select {
			case <-r.done:
				r.end(false)
				return times
			default:
			}
			if now := done.Load(); now != before {
				before = now
				times++
			}
			runtime.Gosched()
		}
	}
	if long, short := interrupted(0), interrupted(200*time.Microsecond); short < 3*long {
		t.Errorf("the task was interrupted %d times, %d without turns", short, long)
	} else {
		t.Logf("the task was interrupted %d times, %d without turns", short, long)
	}
}

// spin works on a record for some two microseconds.
func spin(i int) int {
	x := uint64(i)
	for range 2000 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return int(x >> 33)
}

func TestProcessorTime(t *testing.T) {
	before := processorTime()
	if before == 0 {
		t.Skip("this system does not tell")
	}
	began, sum := time.Now(), 0
	for i := 0; processorTime()-before < 20*time.Millisecond; i++ {
		sum += spin(i)
		if time.Since(began) > 10*time.Second {
			t.Fatalf("ten seconds of work, to %d, took no time of a processor", sum)
		}
	}
}
