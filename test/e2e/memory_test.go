package e2e

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/process"
)

var (
	memoryIn   = flag.String("memory", "", "flights for TestMemory, many of them")
	memoryTime = flag.Duration("memory.time", time.Minute, "how long TestMemory runs")
	memoryCSV  = flag.String("memory.csv", "", "where TestMemory writes what it has measured")
	memorySlow = flag.Duration("memory.slow", 300*time.Microsecond,
		"what a sink takes for a record in TestMemory: a hundred times as long as it needs")
)

// slowSink is a sink whose writers take their time.
type slowSink struct {
	operator.Sink
	each time.Duration
}

func (s slowSink) Open(p operator.Place) (operator.Writer, error) {
	w, err := s.Sink.Open(p)
	return slowWriter{w, s.each}, err
}

type slowWriter struct {
	operator.Writer
	each time.Duration
}

func (w slowWriter) Write(b operator.Batch) error {
	<-time.After(time.Duration(b.Len()) * w.each)
	return w.Writer.Write(b)
}

// entryBytes is more than an entry of the flow's state takes in memory.
const entryBytes = 256

// TestMemory runs a flow whose sinks are far slower than its source and
// watches the memory of its process, which must stay within the bound that
// the job states and twice its state.
func TestMemory(t *testing.T) {
	if *memoryIn == "" {
		t.Skip("-memory is not set")
	}
	in, err := filepath.Abs(*memoryIn)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := start(t, child{
		In: in, Out: filepath.Join(dir, "out"), State: filepath.Join(dir, "state"), Parallelism: 2,
		Interval: time.Second, Slow: *memorySlow, Patience: *memoryTime + patience,
	})
	process.After(t, *memoryTime, func() { _ = p.Signal(os.Interrupt) })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.wait(t)
	}()
	var highest int64
	rows := [][]string{{"seconds", "rss_bytes"}}
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	began := time.Now()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case now := <-every.C:
			rss := residentBytes(p.Pid())
			highest = max(highest, rss)
			rows = append(rows, []string{fmt.Sprintf("%.1f", now.Sub(began).Seconds()), itoa(rss)})
		}
	}
	if p.Err != "" {
		t.Fatal(p.Err)
	}
	writeCSV(t, *memoryCSV, rows)
	bound := p.Bound + 2*p.Entries*entryBytes
	t.Logf("resident %d MiB at most, bound %d MiB, of it %d MiB for state", highest>>20, bound>>20,
		2*p.Entries*entryBytes>>20)
	if highest > bound {
		t.Errorf("resident memory: got %d bytes, want at most %d", highest, bound)
	}
}

// residentBytes is the memory of a process that is in use, 0 if it has ended.
func residentBytes(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

func writeCSV(t *testing.T, path string, rows [][]string) {
	t.Helper()
	if path == "" {
		return
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
}
