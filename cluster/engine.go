package cluster

import (
	"context"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/governor"
)

// A job is what this package needs of [actors.Job].
type job interface {
	Run(ctx context.Context) error
	Stats() actors.Stats
	Bound() actors.Bound
	Savepoint(ctx context.Context, label string) (uint64, error)
	Close() error
}

// An engine makes a job of a graph; tests have their own.
type engine func(g *plan.Graph, cfg actors.Config) (job, error)

func startActors(g *plan.Graph, cfg actors.Config) (job, error) {
	j, err := actors.New(g, cfg)
	if err != nil {
		return nil, err
	}
	return j, nil
}

// config is what the settings say to the engine. Where its zero means a
// default and ours means none, none is below zero.
func (s *settings) config() actors.Config {
	attempts := s.RestartAttempts
	if attempts == 0 {
		attempts = -1
	}
	restart := actors.RestartPolicy{Attempts: attempts, Backoff: s.RestartBackoff}
	if attempts < 0 {
		restart.UserAttempts = -1
	}
	cfg := actors.Config{
		Dir: s.State, Parallelism: s.Parallelism, Retain: s.Retain, From: s.From,
		CheckpointInterval: s.Interval, CheckpointTimeout: s.Timeout, DropState: s.DropState,
		Restart: restart, Window: governor.Window{Batches: s.Credits, Bytes: s.CreditBytes},
		Linger: s.Linger,
	}
	s.govern(&cfg)
	return cfg
}
