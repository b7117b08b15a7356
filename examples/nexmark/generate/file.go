package generate

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// WriteFile writes the first n events as JSON lines, which event.Read reads. A
// file that is there already is replaced. On an error a part of it remains.
func WriteFile(path string, n int64, cfg Config) error {
	g, err := New(cfg, max(n, 0))
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	if err := errors.Join(g.writeTo(f), f.Close()); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

func (g *Generator) writeTo(f *os.File) error {
	w := bufio.NewWriterSize(f, 1<<16)
	var line []byte
	for events := make([]event.Event, batchEvents); ; {
		n := g.Fill(events)
		for i := range events[:n] {
			var err error
			if line, err = events[i].AppendJSON(line[:0]); err != nil {
				return err
			}
			w.Write(append(line, '\n')) // Flush returns its error
		}
		if n < len(events) {
			return w.Flush()
		}
	}
}
