package file

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
)

type airport struct {
	Code   string
	Name   string
	Gates  int   `csv:",optional"`
	Offset int64 `csv:"-" json:"-"`
}

func code(a airport) string { return a.Code }

func TestSide(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.csv"), "Name,Code\nLas Vegas,LAS\n\n\"Chicago, O'Hare\",ORD\n")
	put(t, filepath.Join(dir, "b.csv.gz"), gzipped("Code;Gates;Name\nSEA;9;Seattle\n"))
	put(t, filepath.Join(dir, "c.jsonl"),
		`{"Code":"LAS","Name":"Las Vegas"}`+"\n\n"+`{"Code":"ORD","Gates":191}`)
	put(t, filepath.Join(dir, "empty.csv"), "")
	var many strings.Builder
	wantMany := map[string]airport{}
	for i := range 2000 {
		c := fmt.Sprint(i)
		fmt.Fprintf(&many, "{\"Code\":%q}\n", c)
		wantMany[c] = airport{Code: c}
	}
	put(t, filepath.Join(dir, "many.jsonl"), many.String())
	las := airport{Code: "LAS", Name: "Las Vegas"}
	for name, c := range map[string]struct {
		side dataflow.Side[string, airport]
		want map[string]airport
	}{
		"csv": {SideCSV(dir+"/a.csv", code),
			map[string]airport{"LAS": las, "ORD": {Code: "ORD", Name: "Chicago, O'Hare"}}},
		"packed with options": {SideCSV(dir+"/b*", code, Delimiter[airport](';')),
			map[string]airport{"SEA": {Code: "SEA", Name: "Seattle", Gates: 9}}},
		"json": {SideJSON(dir+"/c.jsonl", code),
			map[string]airport{"LAS": las, "ORD": {Code: "ORD", Gates: 191}}},
		"position": {SideJSON(dir+"/c.jsonl", code, Position(func(a *airport, _ int, at int64) { a.Offset = at })),
			map[string]airport{"LAS": las, "ORD": {Code: "ORD", Gates: 191, Offset: 35}}},
		"empty":    {SideCSV(dir+"/empty.csv", code), map[string]airport{}},
		"many":     {SideJSON(dir+"/many.jsonl", code), wantMany},
		"no limit": {SideJSON(dir+"/many.jsonl", code, MaxTable[airport](int64(many.Len()))), wantMany},
	} {
		var loading sync.WaitGroup
		for range 4 { // as many subtasks would
			loading.Go(func() {
				got, err := c.side.Load()
				if err != nil || !maps.Equal(got, c.want) {
					t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
				}
			})
		}
		loading.Wait()
	}
}

func TestSideErrors(t *testing.T) {
	dir := t.TempDir()
	path := func(name, text string) string { return put(t, filepath.Join(dir, name), text) }
	twice := path("twice.csv", "Code,Name\nLAS,Las Vegas\n\nORD,Chicago\nLAS,Los Angeles\n")
	for name, c := range map[string]struct {
		side dataflow.Side[string, airport]
		want []string // in the error
	}{
		"missing":  {SideCSV(filepath.Join(dir, "none.csv"), code), []string{"none.csv", "no such file"}},
		"no match": {SideCSV(filepath.Join(dir, "none*"), code), []string{"none*", "no file is there"}},
		"twice": {SideCSV(twice, code), []string{"twice.csv", "line 5, byte 37", `key "LAS"`,
			"Las Vegas", "one row a key"}},
		"bad line": {SideJSON(path("bad", "{}\nnonsense\n"), code),
			[]string{"bad", "line 2, byte 3", `"nonsense"`}},
		"bad column": {SideCSV(path("column.csv", "Code,Name,Gates\nLAS,x,many\n"), code),
			[]string{"column.csv", "line 2", `column "Gates"`, "many"}},
		"bad header": {SideCSV(path("header.csv", "Code\nLAS\n"), code), []string{"no column Name"}},
		"large": {SideCSV(twice, code, MaxTable[airport](52)), []string{"larger than 52 bytes",
			"file.MaxTable"}},
		"panic": {SideCSV(twice, func(airport) string { panic("no key") }),
			[]string{"no key", "Las Vegas"}},
	} {
		rows, err := c.side.Load()
		for _, want := range c.want {
			if err == nil || rows != nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %d rows and error %v, want one with %q", name, len(rows), err, want)
			}
		}
	}
}

func TestSideMistakes(t *testing.T) {
	at := func(airport) time.Time { return time.Time{} }
	for name, c := range map[string]struct {
		side dataflow.Side[string, airport]
		want string
	}{
		"nil":         {nil, "is nil"},
		"no key":      {SideCSV[string, airport]("p", nil), "row's key is nil"},
		"no path":     {SideJSON("", code), "path to read is empty"},
		"stdin":       {SideJSON("-", code), "standard input"},
		"follow":      {SideJSON("p", code, Follow[airport]()), "file.Follow"},
		"splits":      {SideJSON("p", code, Splits[airport](9)), "file.Splits"},
		"limit":       {SideJSON("p", code, MaxTable[airport](0)), "file.MaxTable"},
		"event time":  {SideJSON("p", code, dataflow.EventTime(at, 0)), "options of time"},
		"parallelism": {SideJSON("p", code, dataflow.ReadParallelism[airport](2)), "parallelism"},
	} {
		flow := dataflow.Define("f", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
			dataflow.Lookup(ReadLines(g, "s", "p"), "look", c.side, strings.ToUpper,
				func(string, airport, bool) (int, bool) { return 0, false })
		})
		_, err := flow.Build(&struct{}{})
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "side_test.go") || !strings.Contains(err.Error(), `"look"`) {
			t.Errorf("%s: error %v does not say %q with step and line", name, err, c.want)
		}
	}
	if _, err := SideCSV("p", func(int) int { return 0 }).(*side[int, int]).Load(); err == nil {
		t.Error("a table of rows that are no structs was loaded")
	}
}
