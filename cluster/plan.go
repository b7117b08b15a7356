package cluster

import (
	"context"
	"encoding/json"

	"github.com/urfave/cli/v3"
)

func formatFlag() cli.Flag {
	f := &cli.StringFlag{Name: "format", Value: "text", Local: true, Category: "Plan"}
	f.SetStringer(func(cli.Flag) string { return "-format string\ttext, dot or json (default text)" })
	return f
}

// plan is the command that prints how the flow would run.
func (a *app) plan(_ context.Context, cmd *cli.Command) error {
	p, err := a.ready(cmd)
	if err != nil {
		return err
	}
	switch format := cmd.String("format"); format {
	case "text":
		return p.Text(a.Stdout)
	case "dot":
		return p.Dot(a.Stdout)
	case "json":
		e := json.NewEncoder(a.Stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(p)
	default:
		return usagef("-format %s: want text, dot or json", format)
	}
}
