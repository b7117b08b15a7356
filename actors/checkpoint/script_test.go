package checkpoint

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write what the scripts print into them")

// TestScripts plays the stories in testdata: each paragraph is one event a
// line, "----", and the commands that followed, then where the coordinator
// stands. Commit a rewritten story only if you can explain the difference.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { play(t, f) })
	}
}

func play(t *testing.T, name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t}
	var out strings.Builder
	for _, part := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		input, _, found := strings.Cut(part, "\n----")
		if !found {
			fmt.Fprintf(&out, "%s\n\n", part) // a comment
			continue
		}
		fmt.Fprintf(&out, "%s\n----\n", input)
		for _, line := range strings.Split(input, "\n") {
			for _, cmd := range s.event(line) {
				fmt.Fprintf(&out, "%s\n", describe(cmd))
			}
		}
		fmt.Fprintf(&out, "in progress: %d\n\n", s.c.InProgress())
	}
	got := strings.TrimSpace(out.String()) + "\n"
	if got == string(data) {
		return
	}
	if *rewrite {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s: got\n%s\nwant\n%s", name, got, data)
}

// stage turns lines of a script into events.
type stage struct {
	t   *testing.T
	c   *Coordinator
	now time.Time
}

func (s *stage) event(line string) []Command {
	var task int
	var id uint64
	var d time.Duration
	word, rest, _ := strings.Cut(line, " ")
	scan := func(format string, into ...any) {
		if _, err := fmt.Sscanf(rest, format, into...); err != nil {
			s.t.Fatalf("line %q: %v", line, err)
		}
	}
	switch word {
	case "job":
		s.job(rest)
		return nil
	case "tick":
		d, _ = time.ParseDuration(rest)
		s.now = s.now.Add(d)
		return s.c.Step(Tick{s.now}, nil)
	case "ack", "prepared":
		scan("%d %d", &task, &id)
		return s.c.Step(Acked{task, id, word == "prepared"}, nil)
	case "decline":
		scan("%d %d", &task, &id)
		return s.c.Step(Declined{task, id, errors.New("the disk is full")}, nil)
	case "published":
		scan("%d", &id)
		return s.c.Step(Published{Checkpoint: id}, nil)
	case "unpublished":
		scan("%d", &id)
		return s.c.Step(Published{id, errors.New("the disk is full")}, nil)
	case "committed":
		scan("%d %d", &task, &id)
		return s.c.Step(Committed{task, id}, nil)
	case "savepoint":
		return s.c.Step(Trigger{rest}, nil)
	case "ended":
		return s.c.Step(Ended{}, nil)
	case "stop":
		return s.c.Step(Stop{}, nil)
	}
	s.t.Fatalf("unknown line %q", line)
	return nil
}

func (s *stage) job(args string) {
	cfg := Config{Next: 1}
	for _, arg := range strings.Fields(args) {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "tasks":
			fmt.Sscan(value, &cfg.Tasks)
		case "interval":
			cfg.Interval, _ = time.ParseDuration(value)
		case "timeout":
			cfg.Timeout, _ = time.ParseDuration(value)
		case "tolerate":
			fmt.Sscan(value, &cfg.Tolerate)
		}
	}
	s.c, s.now = New(cfg), time.Unix(0, 0)
}

func describe(cmd Command) string {
	switch c := cmd.(type) {
	case Inject:
		text := fmt.Sprintf("inject %d", c.Checkpoint)
		if c.Savepoint {
			text += fmt.Sprintf(" savepoint %q", c.Label)
		}
		if c.Final {
			text += " final"
		}
		return text
	case Publish:
		return fmt.Sprintf("publish %d", c.Checkpoint)
	case Commit:
		return fmt.Sprintf("commit %d", c.Checkpoint)
	case Abort:
		return fmt.Sprintf("abort %d: %v", c.Checkpoint, c.Err)
	case Finish:
		return "finish"
	case Fail:
		return fmt.Sprintf("fail: %v", c.Err)
	}
	return fmt.Sprintf("%T", cmd)
}
