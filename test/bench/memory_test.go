package bench

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/window"
)

var (
	memoryIn  = flag.String("memory.in", "", "flights as CSV: TestMemory runs on them")
	memoryOut = flag.String("memory.out", "", "where TestMemory records memory over time, as CSV")
	slowdown  = flag.Int("memory.slowdown", 100, "how much slower TestMemory makes the sink")
)

// flight is a line of the flights' file.
type flight struct {
	Date   time.Time `layout:"2006-01-02T15:04"`
	Delay  int64
	Origin string
}

// slow is a sink that takes its time with every record.
type slow[T any] struct {
	each  time.Duration
	taken atomic.Int64
}

func (s *slow[T]) Delivery() operator.Delivery                     { return operator.Idempotent }
func (s *slow[T]) Open(operator.Place) (dataflow.Writer[T], error) { return s, nil }
func (s *slow[T]) Commit([]byte) error                             { return nil }
func (s *slow[T]) Recover() error                                  { return nil }
func (s *slow[T]) Prepare(uint64) (operator.Prepared, error)       { return nil, nil }
func (s *slow[T]) Close() error                                    { return nil }
func (s *slow[T]) Write(b *operator.Records[T]) error {
	s.taken.Add(int64(b.Len()))
	if s.each > 0 {
		<-time.After(s.each * time.Duration(b.Len()))
	}
	return nil
}

type hour = dataflow.Pane[string, int64]

func hourly(in string, out *slow[hour]) *dataflow.Flow {
	return dataflow.Define("memory", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		flights := file.ReadCSV(g, "flights", in,
			dataflow.EventTime(func(f flight) time.Time { return f.Date }, 0))
		byOrigin := dataflow.KeyBy(flights, "by-origin", func(f flight) string { return f.Origin })
		hours := dataflow.Window(byOrigin, window.Tumbling(time.Hour))
		delays := agg.Sum(func(f flight) int64 { return f.Delay })
		dataflow.Write(dataflow.Aggregate(hours, "delays", delays), "out", out)
	})
}

// TestMemory runs the flights through a sink that is a hundred times slower
// than the flow: the process must stay below the bound that is printed at
// start for as long as that takes, some minutes for three million flights.
//
//	make memory IN=flights.csv.gz
func TestMemory(t *testing.T) {
	if *memoryIn == "" {
		t.Skip("a run of minutes; give it a file with -memory.in")
	}
	if _, err := resident(); err != nil {
		t.Skipf("the memory of the process cannot be read here: %v", err)
	}
	in, err := filepath.Abs(*memoryIn)
	if err != nil {
		t.Fatal(err)
	}
	fast := &slow[hour]{}
	_, took := run(t, hourly(in, fast), actors.Config{Parallelism: 2})
	each := took * time.Duration(*slowdown) / time.Duration(fast.taken.Load())
	t.Logf("%d results in %v; now each takes %v", fast.taken.Load(), took, each)
	watched(t, hourly(in, &slow[hour]{each: 2 * each})) // two subtasks share them
}

// watched runs a flow and records the process's memory every second.
func watched(t *testing.T, f *dataflow.Flow) {
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	j, err := actors.New(g, actors.Config{Dir: t.TempDir(), Parallelism: 2, CheckpointInterval: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	t.Log(j.Bound())
	done := make(chan error, 1)
	go func() { done <- j.Run(context.Background()) }()
	log := newMemoryLog(t)
	for began := time.Now(); ; {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			log.close(t)
			return
		case <-time.After(time.Second):
			log.note(t, time.Since(began), j)
		}
	}
}

// memoryLog is the memory of a run over time.
type memoryLog struct {
	f       *os.File
	w       *csv.Writer
	highest int64
}

func newMemoryLog(t *testing.T) *memoryLog {
	if *memoryOut == "" {
		return &memoryLog{}
	}
	f, err := os.Create(*memoryOut)
	if err != nil {
		t.Fatal(err)
	}
	l := &memoryLog{f: f, w: csv.NewWriter(f)}
	l.w.Write([]string{"seconds", "rss_bytes", "in_flight_bytes", "records_read", "bound_bytes"})
	return l
}

// stateBytes is a generous guess of what one window of one airport occupies.
const stateBytes = 512

func (l *memoryLog) note(t *testing.T, at time.Duration, j *actors.Job) {
	rss, err := resident()
	if err != nil {
		t.Error(err)
	}
	s := j.Stats()
	var read, entries int64
	for _, task := range s.Tasks {
		entries += task.Entries
		if task.Source {
			read += task.RecordsIn
		}
	}
	bound := j.Bound().Total + 2*entries*stateBytes
	if rss > bound {
		t.Errorf("after %v: %s resident, bound %s", at, humanize.IBytes(uint64(rss)), humanize.IBytes(uint64(bound)))
	}
	if s.InFlight > j.Bound().InFlight {
		t.Errorf("after %v: %d bytes in flight, bound %d", at, s.InFlight, j.Bound().InFlight)
	}
	if l.highest = max(l.highest, rss); l.w != nil {
		l.w.Write(strings.Fields(fmt.Sprint(int(at.Seconds()), rss, s.InFlight, read, bound)))
	}
}

func (l *memoryLog) close(t *testing.T) {
	t.Logf("highest: %s resident", humanize.IBytes(uint64(l.highest)))
	if l.w != nil {
		l.w.Flush()
		l.f.Close()
	}
}

// resident is the memory of this process that is in core, in bytes.
func resident() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "VmRSS:")
	var kib int64
	if _, err := fmt.Sscan(rest, &kib); err != nil || !found {
		return 0, fmt.Errorf("read /proc/self/status: no VmRSS: %w", err)
	}
	return kib << 10, nil
}
