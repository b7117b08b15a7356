package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/flyball-stream/flyball/actors/snapshot"
)

// checkpoints is the command that looks into a state directory. It works on
// directories of any flow, whether or not the program links it.
func (a *app) checkpoints() *cli.Command {
	var force bool
	forceFlag := &cli.BoolFlag{Name: "force", Destination: &force, Local: true}
	forceFlag.SetStringer(func(cli.Flag) string {
		return "-force\tdelete even a savepoint, or the newest checkpoint, which loses state"
	})
	sub := func(call, usage string, do checkpointAction, more ...cli.Flag) *cli.Command {
		name, args, _ := strings.Cut(call, " ")
		return &cli.Command{
			Name: name, ArgsUsage: args, Usage: usage, HideHelpCommand: true,
			Flags:  append(flags(a.stateFlag(), ""), more...),
			Action: a.inspect(name, len(strings.Fields(args)), do),
		}
	}
	del := func(ctx context.Context, s checkpointStore, id uint64, _ string) error {
		return a.deleteCheckpoint(ctx, s, id, force)
	}
	return &cli.Command{
		Name: "checkpoints", Usage: "list, show, keep, verify or delete the checkpoints in -state DIR",
		Flags: flags(a.stateFlag(), ""),
		Commands: []*cli.Command{
			sub("list", "list the complete checkpoints", a.listCheckpoints),
			sub("show ID", "show what a checkpoint holds", a.showCheckpoint),
			sub("keep ID LABEL", "keep a checkpoint until it is deleted", a.keepCheckpoint),
			sub("verify ID", "read all of a checkpoint and compare its checksums", a.verifyCheckpoint),
			sub("delete ID", "delete a checkpoint and free its space", del, forceFlag),
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			if cmd.Args().Present() {
				return usagef("checkpoints: there is no command %q; want list, show, keep, verify or delete",
					cmd.Args().First())
			}
			return usagef("checkpoints: say what to do: list, show, keep, verify or delete")
		},
	}
}

// stateFlag is the one of our flags that the command needs.
func (a *app) stateFlag() []*param {
	for _, p := range a.ownFlags {
		if p.name == "state" {
			return []*param{p}
		}
	}
	return nil
}

// checkpointAction does one thing to an open store. It is given the
// checkpoint and the label that stand on the command line, if it takes them.
type checkpointAction func(ctx context.Context, s checkpointStore, id uint64, label string) error

// inspect opens the state directory around an action with n arguments.
func (a *app) inspect(name string, n int, do checkpointAction) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		args := cmd.Args().Slice()
		if len(args) != n {
			return usagef("checkpoints %s: got %s, want %d", name,
				countOf(int64(len(args)), "argument"), n)
		}
		var id uint64
		var label string
		if n > 0 {
			var err error
			if id, err = strconv.ParseUint(args[0], 10, 64); err != nil || id == 0 {
				return usagef("checkpoint %q: want its number, as checkpoints list shows it", args[0])
			}
			label = args[n-1]
		}
		if a.own.State == "" {
			return usagef("checkpoints %s: say which state directory with -state DIR", name)
		}
		log, err := newLogger(a.Stderr, a.own.LogLevel, a.own.LogFormat)
		if err != nil {
			return &usageError{err}
		}
		s, err := a.store(a.own.State, log)
		if err != nil {
			return err
		}
		return errors.Join(do(ctx, s, id, label), s.Close())
	}
}

// listCheckpoints lists those that can be read, and then says which cannot.
func (a *app) listCheckpoints(_ context.Context, s checkpointStore, _ uint64, _ string) error {
	var list []*snapshot.Manifest
	var damage []error
	for _, info := range s.List() {
		m, err := s.Load(info.ID)
		if err != nil {
			damage = append(damage, err)
			continue
		}
		list = append(list, m)
	}
	if err := writeList(a.Stdout, list, a.now()); err != nil {
		return err
	}
	return errors.Join(damage...)
}

func (a *app) showCheckpoint(_ context.Context, s checkpointStore, id uint64, _ string) error {
	m, err := s.Load(id)
	if err != nil {
		return err
	}
	return writeManifest(a.Stdout, m, a.now())
}

func (a *app) keepCheckpoint(_ context.Context, s checkpointStore, id uint64, label string) error {
	if len(label) > maxLabel {
		return usagef("the label is longer than %d bytes", maxLabel)
	}
	if err := s.Keep(id, label); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.Stdout, "checkpoint %d is kept as %q\n", id, label)
	return err
}

func (a *app) verifyCheckpoint(_ context.Context, s checkpointStore, id uint64, _ string) error {
	var errs []error
	for _, d := range s.Verify(id) {
		errs = append(errs, d)
	}
	if len(errs) > 0 {
		return fmt.Errorf("verify checkpoint %d:\n%w", id, errors.Join(errs...))
	}
	_, err := fmt.Fprintf(a.Stdout, "checkpoint %d is whole\n", id)
	return err
}

func (a *app) deleteCheckpoint(
	ctx context.Context, s checkpointStore, id uint64, force bool,
) error {
	err := s.Delete(id, force)
	if err != nil && !force && !errors.Is(err, snapshot.ErrNotFound) {
		err = fmt.Errorf("%w, with -force", err)
	}
	if err != nil {
		return err
	}
	if err := s.Collect(ctx); err != nil {
		return fmt.Errorf("checkpoint %d is deleted, but its space is not free yet: %w", id, err)
	}
	_, err = fmt.Fprintf(a.Stdout, "checkpoint %d is deleted\n", id)
	return err
}

// A checkpointStore is what the command needs of [snapshot.Store].
type checkpointStore interface {
	checkpointReader
	Keep(id uint64, label string) error
	Delete(id uint64, force bool) error
	Collect(ctx context.Context) error
	Close() error
}

type checkpointReader interface {
	List() []snapshot.Info
	Load(id uint64) (*snapshot.Manifest, error)
	Verify(id uint64) []snapshot.Damage
}

// openStore opens a state directory that is there, whichever flow it is of.
func openStore(dir string, log *slog.Logger) (checkpointStore, error) {
	flow, err := snapshot.Owner(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open state directory %s: it holds no checkpoints; "+
			"name the directory that the flow ran with", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open state directory %s: %w", dir, err)
	}
	// It is not for this command to retire what a run has retained.
	s, err := snapshot.Open(snapshot.Config{
		Dir: dir, Flow: flow, Retain: math.MaxInt, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}
