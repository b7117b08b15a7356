package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// mode is what a trial shows.
type mode string

const (
	limitMode  mode = "limit"       // the loop by hand, where there is one
	oneMode    mode = "flow"        // the flow at parallelism 1, no checkpoints
	singleMode mode = "one core"    // the same with one processor
	besideMode mode = "beside"      // as many of these side by side as there are cores
	coresMode  mode = "cores"       // the flow on all cores, no checkpoints
	savedMode  mode = "checkpoints" // the flow on all cores, with checkpoints
	pacedMode  mode = "paced"       // the same at 70% of its speed
	longMode   mode = "long"        // with checkpoints, for what it does to memory
)

// trial is one run of one query.
type trial struct {
	Query       string
	Mode        mode
	Events      int64
	Rate        float64       // events a second; 0 is flat out
	Procs       int           // processors
	Parallelism int           // of the flow
	Interval    time.Duration // between checkpoints; negative for none
}

// result is what a trial measured.
type result struct {
	trial
	Seconds     float64
	CPU         float64 // processor time, in seconds
	RSS         int64   // the most memory that was resident, in bytes
	Mallocs     float64 // allocations for each event
	Rows        int64   // that reached the sink
	P50, P99    float64 // latency, in milliseconds; paced mode alone
	Checkpoints []float64
	Memory      []memory
}

// memory is how much was resident at some moment of a trial, and how many
// entries of state there were.
type memory struct {
	Seconds float64
	RSS     int64
	Entries int64
}

// perSecond is the speed in events a second.
func (r result) perSecond() float64 { return float64(r.Events) / r.Seconds }

// perCore is the speed in events for each second of one core.
func (r result) perCore() float64 { return float64(r.Events) / r.CPU }

// spawn runs a trial in another process of this program.
func spawn(ctx context.Context, t trial) (result, error) {
	p, err := start(ctx, t)
	if err != nil {
		return result{}, err
	}
	return p.finish()
}

// beside runs a trial in so many processes at once, which have nothing in common but the machine.
// What they do together is the most that the flow could do with as many cores.
func beside(ctx context.Context, t trial, processes int) (all result, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // the others, when one fails
	var running []*process
	for range processes {
		p, err := start(ctx, t)
		if err != nil {
			return all, err
		}
		running = append(running, p)
	}
	var speed float64
	all.trial, all.Events = t, 0
	for _, p := range running {
		r, err := p.finish()
		if err != nil {
			return all, err
		}
		speed += r.perSecond()
		all.Events += r.Events
		all.CPU += r.CPU
		all.RSS += r.RSS
		all.Rows += r.Rows
		all.Mallocs += r.Mallocs / float64(processes)
	}
	all.Seconds = float64(all.Events) / speed
	return all, nil
}

// process is a trial under way.
type process struct {
	trial
	cmd         *exec.Cmd
	out, failed bytes.Buffer
}

func start(ctx context.Context, t trial) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	order, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	p := &process{trial: t, cmd: exec.CommandContext(ctx, self, "-trial", string(order))}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", t.Procs))
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.failed
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s, %s: start another process: %w", t.Query, t.Mode, err)
	}
	return p, nil
}

func (p *process) finish() (r result, err error) {
	if err := p.cmd.Wait(); err != nil {
		return r, fmt.Errorf("%s, %s: %w: %s", p.Query, p.Mode, err,
			strings.TrimSpace(p.failed.String()))
	}
	if err := json.Unmarshal(p.out.Bytes(), &r); err != nil {
		return r, fmt.Errorf("%s, %s: read its result: %w", p.Query, p.Mode, err)
	}
	return r, nil
}
