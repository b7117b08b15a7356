package cluster

import (
	"io"
	"os"
	"sync"
)

// A console is where messages and the progress line share a terminal: it
// takes the line away before anything else is written. Safe for concurrent
// use.
type console struct {
	mu   sync.Mutex
	w    io.Writer
	file *os.File // not nil if w is one
	line bool     // the progress line is showing
}

func newConsole(w io.Writer) *console {
	f, _ := w.(*os.File)
	return &console{w: w, file: f}
}

const clearLine = "\r\x1b[K"

// Write writes p below what is there.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line {
		c.line = false
		if _, err := io.WriteString(c.w, clearLine); err != nil {
			return 0, err
		}
	}
	return c.w.Write(p)
}

// show replaces the progress line; an empty one takes it away.
func (c *console) show(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line || line != "" {
		_, _ = io.WriteString(c.w, clearLine+line)
	}
	c.line = line != ""
}
