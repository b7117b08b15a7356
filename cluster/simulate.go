package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/flyball-stream/flyball/cluster/capacity"
)

// simulateCommand is the command that plans capacity.
func (a *app) simulateCommand() *cli.Command {
	return &cli.Command{
		Name: "simulate", ArgsUsage: "PLAN.json",
		Usage: "simulate a flow under several policies, to plan its capacity; - reads standard input",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "answer in JSON", Local: true}},
		Action: func(_ context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 {
				return usagef("simulate: want one file with a plan, or - for standard input; " +
					"go doc github.com/flyball-stream/flyball/cluster/capacity says what is in it")
			}
			return a.simulate(cmd.Args().First(), cmd.Bool("json"))
		},
	}
}

func (a *app) simulate(path string, asJSON bool) error {
	var in io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		defer f.Close()
		in = f
	}
	p, err := capacity.Read(in)
	if err != nil {
		return fmt.Errorf("simulate %s: %w", path, err)
	}
	r, err := p.Run()
	if err != nil {
		return fmt.Errorf("simulate %s: %w", path, err)
	}
	if asJSON {
		e := json.NewEncoder(a.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.Write(a.Stdout)
}
