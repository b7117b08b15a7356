package query_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/query"
)

var update = flag.Bool("update", false, "write the golden files anew")

// delay is by how much the fixture's events are out of order, and more.
const delay = 20 * time.Second

// TestGolden runs each query on a few events at several parallelisms.
func TestGolden(t *testing.T) {
	for _, q := range query.All() {
		if q.Name == "q12" {
			continue // see TestByTheClock
		}
		for _, parallelism := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/%d", q.Name, parallelism), func(t *testing.T) {
				checkGolden(t, q.Name, run(t, q, parallelism))
			})
		}
	}
}

// run returns the rows of a query in the order of their text.
func run(t *testing.T, q query.Query, parallelism int) []string {
	dir := t.TempDir()
	dataflowtest.Run(t, func(g *dataflow.Graph) {
		q.Add(events(g), query.Defaults(), query.Output{Dir: dir, Final: true})
	}, func(c *actors.Config) { c.Parallelism = parallelism })
	return lines(t, dir)
}

const fixture = "testdata/events.jsonl"

// events reads the fixture, in pieces that several subtasks share.
func events(g *dataflow.Graph) query.Events {
	return event.Read(g, "events", fixture, event.Timed(delay), file.Splits[event.Event](2000))
}

func lines(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all = slices.AppendSeq(all, strings.Lines(string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func checkGolden(t *testing.T, name string, rows []string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	got := strings.Join(rows, "")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestPlans compares the plans of all queries at parallelism 2.
func TestPlans(t *testing.T) {
	var plans []string
	for _, q := range query.All() {
		f := dataflow.Define(q.Name, dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
			q.Add(events(g), query.Defaults(), query.Output{Dir: "out", Final: true})
		})
		g, err := f.Build(f.Params())
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Compile(g, plan.Config{Parallelism: 2})
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := p.Text(&text); err != nil {
			t.Fatal(err)
		}
		for _, s := range g.Steps {
			if !strings.Contains(text.String(), s.Name) {
				t.Errorf("%s: the plan lacks step %q:\n%s", q.Name, s.Name, &text)
			}
		}
		plans = append(plans, fmt.Sprintf("%s: %s\n", q.Name, p.Summary()))
	}
	checkGolden(t, "plans", plans)
}

// TestByTheClock adds up what q12 counts: which windows there are depends on
// when the test runs.
func TestByTheClock(t *testing.T) {
	q, err := query.Find("q12")
	if err != nil {
		t.Fatal(err)
	}
	got, want := map[int64]int64{}, map[int64]int64{}
	for _, line := range run(t, q, 3) {
		var row query.Activity
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		got[row.Bidder] += row.BidCount
		if row.EndTime-row.StartTime != 10_000 || row.StartTime%10_000 != 0 {
			t.Errorf("got window %v to %v, want ten seconds", row.StartTime, row.EndTime)
		}
	}
	text, err := os.ReadFile(fixture)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var e event.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Kind == event.BidKind {
			want[e.Bid.Bidder]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("got bids by bidder %v, want %v", got, want)
	}
}

func TestMistakes(t *testing.T) {
	if _, err := query.Find("q23"); err == nil || !strings.Contains(err.Error(), `"q23"`) {
		t.Errorf("got error %v, want one that names q23", err)
	}
	bad := query.Defaults()
	bad.Window, bad.Modulus, bad.SideKeys = time.Microsecond, 0, -1
	f := dataflow.Define("bad", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		query.All()[0].Add(events(g), bad, query.Output{})
	})
	_, err := f.Build(f.Params())
	for _, want := range []string{"window 1µs", "modulus 0", "side keys -1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}

// TestSideFile has q13 look up a few auctions in a file.
func TestSideFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "side.csv")
	if err := os.WriteFile(path, []byte("0,zero\n3,three\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := query.Defaults()
	s.Side, s.SideKeys = path, 10
	var out *dataflowtest.Collected[query.Enriched]
	dataflowtest.Run(t, func(g *dataflow.Graph) {
		out = dataflowtest.Collect(query.Q13(events(g), s), "out")
	})
	got := map[string]int{}
	for _, row := range out.Values() {
		got[fmt.Sprint(row.Auction, row.Value)]++
	}
	if want := map[string]int{"1000zero": 10, "1003three": 3}; !maps.Equal(got, want) {
		t.Errorf("got rows %v, want %v", got, want)
	}
}

// TestDirectories finds each row of q10 in the directory of its minute.
func TestDirectories(t *testing.T) {
	q, err := query.Find("q10")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	dataflowtest.Run(t, func(g *dataflow.Graph) {
		q.Add(events(g), query.Defaults(), query.Output{Dir: dir})
	})
	for where, want := range map[string]int{
		"dt=2015-07-15/hm=00-00": 23, "dt=2015-07-15/hm=08-00": 3, "dt=2015-07-15/hm=19-00": 1,
		"dt=2015-07-16/hm=00-00": 1, ".": 28,
	} {
		if got := len(lines(t, filepath.Join(dir, "q10", where))); got != want {
			t.Errorf("%s: got %d rows, want %d", where, got, want)
		}
	}
}
