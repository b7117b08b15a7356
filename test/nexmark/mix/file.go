package mix

import (
	"fmt"
	"os"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// WriteFile writes events as JSON lines. A file that is there already is
// replaced.
func WriteFile(path string, events []event.Event) error {
	var text []byte
	for i := range events {
		var err error
		if text, err = events[i].AppendJSON(text); err != nil {
			return fmt.Errorf("write events to %s: %w", path, err)
		}
		text = append(text, '\n')
	}
	return os.WriteFile(path, text, 0o666)
}
