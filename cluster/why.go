package cluster

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/metrics"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
)

// why answers with what holds the job back, for people or as JSON.
func (g *pages) why(w http.ResponseWriter, req *http.Request) {
	s := g.job.Stats()
	chains := s.Why(collectorShare())
	if req.URL.Query().Get("format") == "json" {
		answer(w, http.StatusOK, map[string]any{"flow": s.Flow, "chains": chains})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	writeWhy(w, s, chains)
}

func writeWhy(w io.Writer, s actors.Stats, chains []actors.Chain) {
	if len(chains) == 0 {
		fmt.Fprintf(w, "flow %s is %s: no task runs\n", s.Flow, s.Phase)
	}
	for _, c := range chains {
		fmt.Fprint(w, c)
	}
	if p := s.Schedule; p.Interval > 0 {
		fmt.Fprintf(w, "checkpoints every %v, %s", p.Interval.Round(time.Millisecond), boundText(p.Bound))
		if text := p.Conflict.String(); text != "" {
			fmt.Fprintf(w, "; %s", text)
		}
		fmt.Fprintln(w)
	}
}

// boundText is why checkpoints come as often as they do.
func boundText(b governor.IntervalBound) string {
	switch b {
	case governor.IntervalFixed:
		return "as asked for"
	case governor.IntervalShare:
		return "twice as long as one takes"
	}
	return fmt.Sprintf("as the %v says", b)
}

// collectorShare is the part of the processors' time that garbage collection
// has taken since the process began.
func collectorShare() float64 {
	s := []metrics.Sample{
		{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/cpu/classes/total:cpu-seconds"},
		{Name: "/cpu/classes/idle:cpu-seconds"},
	}
	metrics.Read(s)
	worked := s[1].Value.Float64() - s[2].Value.Float64()
	if worked <= 0 {
		return 0
	}
	return s[0].Value.Float64() / worked
}

// whyCommand is the command that asks a running program.
func (a *app) whyCommand() *cli.Command {
	var address []*param
	for _, p := range a.ownFlags {
		if p.name == "http" {
			address = append(address, p)
		}
	}
	return &cli.Command{
		Name: "why", Usage: "ask the program that serves -http what holds it back",
		Flags: append(flags(address, ""), &cli.BoolFlag{Name: "json", Usage: "answer in JSON", Local: true}),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Present() {
				return usagef("why: unexpected argument %q", cmd.Args().First())
			}
			if a.own.HTTP == "" {
				return usagef("why: say where the program serves its status, with -http localhost:8080")
			}
			return a.askWhy(ctx, cmd.Bool("json"))
		},
	}
}

// mostAnswer bounds what is read of an answer.
const mostAnswer = 16 << 20

func (a *app) askWhy(ctx context.Context, asJSON bool) error {
	u := url.URL{Scheme: "http", Host: a.own.HTTP, Path: "/why"}
	if asJSON {
		u.RawQuery = "format=json"
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return usagef("why: -http %s: %v", a.own.HTTP, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("why: ask the program at %s (does it run, with -http?): %w", a.own.HTTP, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("why: the server at %s answers %s; is it a Flyball program?", a.own.HTTP, resp.Status)
	}
	if _, err := io.Copy(a.Stdout, io.LimitReader(resp.Body, mostAnswer)); err != nil {
		return fmt.Errorf("why: read the answer of %s: %w", a.own.HTTP, err)
	}
	return nil
}
