package generate

import (
	"bufio"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// TestFile writes events to a file, reads them with a flow in many splits and
// expects the same events in the same order.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events")
	cfg := Config{Shuffle: 1000, Late: 0.1}
	if err := WriteFile(path, 5000, cfg); err != nil {
		t.Fatal(err)
	}
	var all *dataflowtest.Collected[event.Event]
	dataflowtest.Run(t, func(g *dataflow.Graph) {
		stream := event.Read(g, "events", path, file.Splits[event.Event](100_000),
			event.Timed(10*time.Second))
		all = dataflowtest.Collect(stream, "out")
	})
	got, want := all.Values(), events(t, cfg, 5000)
	slices.SortFunc(got, func(a, b event.Event) int { return int(a.Seq - b.Seq) })
	for i := range got {
		got[i].Seq = want[i].Seq
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the events read are not the events written")
	}
	if err := WriteFile(filepath.Join(path, "x"), 1, cfg); err == nil {
		t.Error("no error from a file that cannot be created")
	}
}

// TestGoldenText compares what is written with the golden file.
func TestGoldenText(t *testing.T) {
	golden, err := os.Open("testdata/beam.golden")
	if err != nil {
		t.Fatal(err)
	}
	defer golden.Close()
	path := filepath.Join(t.TempDir(), "events")
	if err := WriteFile(path, 6, Config{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := bufio.NewScanner(golden)
	for i, got := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		want.Scan()
		if _, want, _ := strings.Cut(want.Text(), " 1 "); got != want {
			t.Errorf("event %d:\ngot  %s\nwant %s", i, got, want)
		}
	}
}

func BenchmarkReadFile(b *testing.B) {
	path := filepath.Join(b.TempDir(), "events")
	if err := WriteFile(path, 200_000, Config{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		dataflowtest.Run(b, func(g *dataflow.Graph) {
			stream := event.Read(g, "events", path, dataflow.ReadParallelism[event.Event](1))
			dataflowtest.Collect(dataflow.Filter(stream, "none", func(event.Event) bool {
				n++
				return false
			}, dataflow.Parallelism(1)), "out")
		})
		if n != 200_000 {
			b.Fatalf("read %d events", n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200_000, "ns/event")
}

// TestFlow reads events, all there is of disorder among them, by a flow.
func TestFlow(t *testing.T) {
	var all *dataflowtest.Collected[event.Event]
	dataflowtest.Run(t, func(g *dataflow.Graph) {
		all = dataflowtest.Collect(Read(g, "events", 5000, late, event.Timed(late.Disorder())), "out")
	})
	got, want := all.Values(), events(t, Config{Seed: late.Seed, Shuffle: late.Shuffle}, 5000)
	slices.SortFunc(got, func(a, b event.Event) int { return int(a.Seq - b.Seq) })
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d events, or others than the generator's", len(got))
	}
}
