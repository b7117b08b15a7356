package cluster

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/flyball-stream/flyball/dataflow"
)

// settings are the flags that every program has, beside those of its flow.
type settings struct {
	Flow        string `help:"the flow to run, where a program links several"`
	State       string `help:"directory to keep checkpoints in and go on from; none keeps no state"`
	Parallelism int    `default:"1" help:"subtasks of each step that does not set its own"`

	Governor        string        `default:"auto" help:"none, pid or governor; auto is governor if there is a goal"`
	Latency         time.Duration `help:"goal: from reading a record to all that follows from it"`
	Recovery        time.Duration `help:"goal: from a failure until what it lost has been done again"`
	Memory          string        `help:"goal: what the process may use, such as 512MiB"`
	Batch           time.Duration `help:"work in micro-batches of so long, as Spark Streaming does"`
	BatchCheckpoint int           `default:"10" help:"micro-batches to a checkpoint"`

	Interval  time.Duration `default:"10s" help:"between checkpoints; 0 lets costs and goals decide, below 0 none"`
	Timeout   time.Duration `default:"10m" help:"give up a checkpoint that takes longer"`
	Retain    int           `default:"3" help:"complete checkpoints to keep"`
	From      uint64        `help:"checkpoint or savepoint to start from; 0 is the latest"`
	DropState bool          `help:"leave behind the stored state of steps that are gone"`

	RestartAttempts int           `default:"10" help:"restarts in a row before the flow fails"`
	RestartBackoff  time.Duration `default:"100ms" help:"wait before a restart; doubles up to 10s"`

	Credits     int           `default:"64" help:"batches in flight on each channel"`
	CreditBytes int           `default:"1048576" help:"bytes in flight on each channel"`
	Linger      time.Duration `default:"5ms" help:"longest wait for a batch to fill"`

	HTTP      string `flag:"http" help:"address of metrics and status, such as localhost:8080"`
	Picture   string `help:"SVG file to draw the run into, when it is over"`
	LogLevel  string `default:"warn" help:"debug, info, warn or error"`
	LogFormat string `default:"text" help:"text or json"`
	Quiet     bool   `help:"print only errors and the summary"`
}

// check finds settings that cannot be.
func (s *settings) check() error {
	switch {
	case s.Parallelism < 1:
		return fmt.Errorf("-parallelism %d: want 1 or more", s.Parallelism)
	case s.Timeout <= 0:
		return fmt.Errorf("-timeout %v: want more than 0", s.Timeout)
	case s.Retain < 1:
		return fmt.Errorf("-retain %d: want 1 or more", s.Retain)
	case s.RestartAttempts < 0:
		return fmt.Errorf("-restart-attempts %d: want 0 or more", s.RestartAttempts)
	case s.RestartBackoff <= 0:
		return fmt.Errorf("-restart-backoff %v: want more than 0", s.RestartBackoff)
	case s.Credits < 1 || s.CreditBytes < 1:
		return fmt.Errorf("-credits %d, -credit-bytes %d: want 1 or more", s.Credits, s.CreditBytes)
	case s.Linger <= 0:
		return fmt.Errorf("-linger %v: want more than 0", s.Linger)
	case s.From != 0 && s.State == "":
		return fmt.Errorf("-from %d: there is nothing to start from without -state", s.From)
	}
	if err := s.checkGovernor(); err != nil {
		return err
	}
	_, err := newLogger(nil, s.LogLevel, s.LogFormat)
	return err
}

// flowParams makes the parameters of a flow and their flags, which must not
// be named like any of taken.
func flowParams(f *dataflow.Flow, taken []*param) (any, []*param, error) {
	ptr := f.Params()
	params, err := paramsOf(ptr)
	if err != nil {
		return nil, nil, fmt.Errorf("flow %q: %w", f.Name(), err)
	}
	names := map[string]string{"help": "", "h": "", "format": ""}
	for _, p := range taken {
		names[p.name] = ""
	}
	for _, p := range params {
		other, clash := names[p.name]
		switch {
		case clash && other == "":
			return nil, nil, fmt.Errorf("flow %q: field %s: the flag -%s is Flyball's own; "+
				"name it otherwise with the tag `flag:\"…\"`", f.Name(), p.field, p.name)
		case clash:
			return nil, nil, fmt.Errorf("flow %q: fields %s and %s: both are the flag -%s",
				f.Name(), other, p.field, p.name)
		}
		names[p.name] = p.field
	}
	return ptr, params, nil
}

// fromEnv sets parameters from the environment.
func fromEnv(params []*param, lookup func(string) (string, bool)) error {
	for _, p := range params {
		text, ok := lookup(p.env())
		if !ok || text == "" {
			continue
		}
		if err := p.Set(text); err != nil {
			return fmt.Errorf("environment variable %s=%q: %w", p.env(), text, err)
		}
		p.set = false // what the command line says replaces it
	}
	return nil
}

// flags makes flags for params, under a heading in the help text. Every
// command needs flags of its own, which share the values.
func flags(params []*param, heading string) []cli.Flag {
	list := make([]cli.Flag, len(params))
	for i, p := range params {
		f := &cli.GenericFlag{Name: p.name, Usage: p.help, Value: p, Local: true, Category: heading}
		f.SetStringer(func(cli.Flag) string { return p.usage() })
		list[i] = f
	}
	return list
}

// usage is the parameter's line of a help text.
func (p *param) usage() string {
	s := "-" + p.name
	if p.kind != "bool" {
		s += " " + p.kind
	}
	s += "\t" + p.help
	zero := p.text == "" || p.text == "0" || p.text == "0s" || p.text == "false"
	if !zero {
		s += fmt.Sprintf(" (default %s)", p.text)
	}
	return s
}
