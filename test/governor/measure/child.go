package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	"github.com/prometheus/procfs"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/test/governor/operators"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

// splits is in how many parts a stream is read, and what a flow's parallelism
// is. It is the same on all machines, so that results can be compared.
const splits = 2

// period is how often a trial is looked at.
const period = 100 * time.Millisecond

// child runs the trial of an order and prints its result.
func child(ctx context.Context, order string) error {
	var t trial
	if err := json.Unmarshal([]byte(order), &t); err != nil {
		return fmt.Errorf("read -trial: %w", err)
	}
	r, err := t.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// running is a trial under way.
type running struct {
	result
	op     operators.Operator
	player *replay.Player
	sink   *probe
	job    *actors.Job
	heard  heard
	shifts *shifts // nil if one law has all batches
}

// run runs the trial in this process.
func (t trial) run(ctx context.Context) (result, error) {
	r := &running{result: result{trial: t}}
	if err := r.load(); err != nil {
		return result{}, err
	}
	g, err := r.op.Flow(r.player, r.sink).Build(&struct{}{})
	if err != nil {
		return result{}, err
	}
	cfg, err := t.config()
	if err != nil {
		return result{}, err
	}
	if t.Policy == bothPolicy {
		r.shifts = t.inShifts()
		cfg.MicroBatch.Policy = func() governor.BatchPolicy { return r.shifts }
	}
	cfg.Events.Checkpoint, cfg.Events.Batch = r.heard.checkpoint, r.heard.batch
	if r.job, err = actors.New(g, cfg); err != nil {
		return result{}, err
	}
	defer r.job.Close()
	if err := r.watched(ctx); err != nil {
		return result{}, err
	}
	r.sumUp()
	return r.result, nil
}

// load reads the data and makes the flow's ends.
func (r *running) load() (err error) {
	if r.op, err = operators.Find(r.Operator); err != nil {
		return err
	}
	data, err := r.op.Load(r.Inputs)
	if err != nil {
		return err
	}
	pace, err := replay.Shaped(r.Shape, r.Rate)
	if err != nil {
		return err
	}
	// A key's records are all in one split, and so in order.
	copies := (r.op.Copies(data, r.State) + splits - 1) / splits * splits
	r.player = &replay.Player{
		Stream: replay.Stream{Data: data, Copies: copies}, Splits: splits, Pace: pace,
	}
	if r.Section == soak {
		r.player.For = r.For
	}
	r.sink = newProbe(r.player, r.op.Whole)
	r.sink.stalls.every, r.sink.stalls.length = r.StallEvery, r.Stall
	return nil
}

// watched runs the job and looks at it every period, until its time is over.
func (r *running) watched(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	var group sync.WaitGroup
	group.Go(func() { ended <- r.job.Run(ctx) })
	defer group.Wait()
	w := newWatch(r)
	began := time.Now()
	for every := time.Tick(period); ; {
		select {
		case err := <-ended:
			if w.finish(); err == nil && r.Section != soak {
				err = fmt.Errorf("the flow ended before its time: %v", r.trial)
			}
			return err
		case <-every:
		}
		at := time.Since(began)
		if !w.warm && at >= r.Warm {
			w.begin()
		} else if w.look(); at >= r.Warm+r.For && r.Section != soak {
			w.finish()
			stop()
			return <-ended
		}
	}
}

// sumUp works out what the watch and the sink have seen.
func (r *running) sumUp() {
	r.Attempts = r.job.Stats().Attempt
	r.Checkpoints = r.heard.saves
	r.Batches = batchesOf(r.heard.batches, r.Batch, spanOf(r.heard.batches))
	if r.shifts != nil {
		r.Shifts = r.shifts.whole(r.heard.before, r.heard.batches, r.Leave)
	}
	r.Rows, _ = r.sink.counts()
	if r.Section == soak {
		r.Lost = r.missing()
	}
}

// missing compares what the sink has got of a flow that has ended with what
// left the source: each record makes one row, which says the how-manieth it is
// of its key.
func (r *running) missing() string {
	rows, ranks := r.sink.counts()
	played, want := r.player.Ranks()
	if rows != played || ranks != want {
		return fmt.Sprintf("%d rows of sum %d from %d records of sum %d", rows, ranks, played, want)
	}
	return ""
}

// heard is what the engine told. It is safe for concurrent use.
type heard struct {
	mu      sync.Mutex
	on      bool
	saves   []saved
	before  int // batches that were not listened to
	batches []governor.CompletedBatch
}

func (h *heard) checkpoint(c actors.CheckpointInfo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.on {
		h.saves = append(h.saves, saved{millis(c.Duration), millis(c.Alignment), c.Bytes})
	}
}

func (h *heard) batch(b governor.CompletedBatch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.on {
		h.batches = append(h.batches, b)
	} else if len(h.batches) == 0 {
		h.before++
	}
}

// listen has what is told from now on kept, or not.
func (h *heard) listen(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.on = on
}

// resident is the memory of this process in core, 0 where it cannot be told.
func resident() int64 {
	p, err := procfs.Self()
	if err != nil {
		return 0
	}
	s, err := p.Stat()
	if err != nil {
		return 0
	}
	return int64(s.ResidentMemory())
}

// relative is how far a prediction was off what came.
func relative(predicted, actual time.Duration) float64 {
	return math.Abs(float64(predicted-actual)) / float64(actual)
}
