package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/flyball-stream/flyball/dataflow"
)

// Run does what the command line in o says and returns the exit code. When
// ctx ends, a running flow stops with a final checkpoint. Errors are printed,
// once, to o.Stderr.
func Run(ctx context.Context, o Options) int {
	o = o.withDefaults()
	a := &app{Options: o}
	err := a.prepare()
	if err == nil {
		err = a.command().Run(ctx, o.Args)
	}
	return a.report(err)
}

// An app is a command line being carried out.
type app struct {
	Options
	own    settings
	params any // of the flow
	flow   *dataflow.Flow

	ownFlags  []*param // of settings
	flowFlags []*param // of params
}

// prepare chooses the flow and gathers the flags, which depend on it.
func (a *app) prepare() error {
	if err := a.check(); err != nil {
		return err
	}
	var err error
	if a.ownFlags, err = paramsOf(&a.own); err != nil {
		return err
	}
	if a.flow, err = a.choose(); err != nil {
		return err
	}
	if a.flow != nil {
		if a.params, a.flowFlags, err = flowParams(a.flow, a.ownFlags); err != nil {
			return err
		}
		a.offerGoals()
	}
	for _, list := range [][]*param{a.ownFlags, a.flowFlags} {
		if err := fromEnv(list, a.Env); err != nil {
			return &usageError{err}
		}
	}
	return nil
}

// choose returns the only flow or the one that the command line or the
// environment names, and nil if they leave it open.
func (a *app) choose() (*dataflow.Flow, error) {
	name, ok := flagValue(a.Args, "flow")
	if !ok {
		name, ok = a.Env("FLYBALL_FLOW")
	}
	switch {
	case !ok && len(a.Flows) == 1:
		return a.Flows[0], nil
	case !ok:
		return nil, nil
	}
	for _, f := range a.Flows {
		if f.Name() == name {
			return f, nil
		}
	}
	return nil, usagef("-flow %s: there is no such flow; %s", name, a.flowNames())
}

func (a *app) flowNames() string {
	if len(a.Flows) == 0 {
		return "this program links none"
	}
	names := make([]string, len(a.Flows))
	for i, f := range a.Flows {
		names[i] = f.Name()
	}
	return "this program links " + strings.Join(names, ", ")
}

// flagValue finds the value of a flag before the flags are known.
func flagValue(args []string, name string) (string, bool) {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		flag, value, has := strings.Cut(arg, "=")
		if flag != "-"+name && flag != "--"+name {
			continue
		}
		if !has && i+1 < len(args) {
			value = args[i+1]
		}
		return value, true
	}
	return "", false
}

// needFlow is the error of a command that needs a flow and has none.
func (a *app) needFlow() error {
	if a.flow != nil {
		return nil
	}
	if len(a.Flows) == 0 {
		return usagef("this program links no flow to run; link one with cluster.Main(flow)")
	}
	return usagef("say which flow with -flow NAME; %s", a.flowNames())
}

func (a *app) command() *cli.Command {
	root := &cli.Command{
		Name: a.name(), Usage: a.about(), Flags: a.runFlags(), Description: about,
		Commands: []*cli.Command{
			{Name: "run", Usage: "run the flow; also what no command means",
				Flags: a.runFlags(), Action: a.run},
			{Name: "plan", Usage: "print how the flow would run",
				Flags:  append(a.runFlags(), formatFlag()),
				Action: a.plan},
			a.checkpoints(),
			a.whyCommand(),
			a.simulateCommand(),
			{Name: "version", Usage: "print the version", Action: a.version},
		},
		Action: a.run, HideVersion: true,
		Writer: a.Stdout, ErrWriter: a.Stderr,
		// The library would print errors and exit on its own.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	root.OnUsageError = a.usage
	for _, c := range root.Commands {
		c.OnUsageError, c.HideHelpCommand = a.usage, true
		for _, sub := range c.Commands {
			sub.OnUsageError = a.usage
		}
	}
	return root
}

// about is said of every program.
const about = `Flags may have one dash or two, and each may be set by an environment
variable instead: -log-level by FLYBALL_LOG_LEVEL. SIGINT and SIGTERM stop
the flow with a final checkpoint, a second one at once. The exit code is 0
when the flow ended or stopped, 1 when it failed, 2 when the command line is
wrong, 130 when it was aborted.`

// runFlags are the flags of the flow and our own.
func (a *app) runFlags() []cli.Flag {
	var list []cli.Flag
	if len(a.flowFlags) > 0 {
		list = flags(a.flowFlags, "Flow "+a.flow.Name())
	}
	return append(list, flags(a.ownFlags, "General")...)
}

func (a *app) name() string {
	if len(a.Args) == 0 {
		return "flyball"
	}
	name := a.Args[0]
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

func (a *app) about() string {
	if a.flow != nil {
		return fmt.Sprintf("the flow %s, %v", a.flow.Name(), a.flow.Guarantee())
	}
	return "stateful stream processing; " + a.flowNames()
}

func (a *app) usage(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	if len(a.Flows) > 1 && a.flow == nil {
		return a.needFlow()
	}
	const undefined = "flag provided but not defined: -"
	if flag, ok := strings.CutPrefix(err.Error(), undefined); ok {
		err = fmt.Errorf("there is no flag -%s", flag)
		near := strings.TrimLeft(cli.SuggestFlag(cmd.Flags, flag, true), "-")
		if near != "" && strings.HasPrefix(flag, near[:1]) {
			err = fmt.Errorf("%w; is it -%s?", err, near)
		}
	}
	return &usageError{err}
}

func (a *app) version(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().Present() {
		return usagef("version: unexpected argument %q", cmd.Args().First())
	}
	_, err := fmt.Fprintln(a.Stdout, version())
	return err
}

// usageError is a command line that cannot be understood.
type usageError struct{ err error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

// errAborted says that a second interrupt came.
var errAborted = errors.New("aborted; what was done since the last checkpoint will be done again")

// report prints an error and returns the exit code it means.
func (a *app) report(err error) int {
	w, program := a.Stderr, a.name()
	var usage *usageError
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, errAborted):
		fmt.Fprintf(w, "%s: %v\n", program, err)
		return ExitAborted
	case errors.As(err, &usage):
		fmt.Fprintf(w, "%s: %v\nRun \"%s -help\" for the flags.\n", program, err, program)
		return ExitUsage
	}
	describe(w, program, err, a.own.LogLevel == "debug")
	return ExitFailure
}
