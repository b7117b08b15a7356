package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/cluster"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/results"
)

const (
	input  = "data/orders.jsonl"
	golden = "testdata/owed.golden"
)

var update = flag.Bool("update", false, "write the input and the golden file anew")

// made is what generate knows of the input that it made.
type made struct {
	lines []string
	bills map[string]Bill // by account and hour, if no order were late
	late  map[string]bool // by id: may be too late for its bill
	dead  int
}

// generate makes two days of orders: one in 20 comes again within minutes or
// hours, one in 60 is twelve hours late, one in 50 is no order.
func generate() *made {
	rnd := rand.New(rand.NewPCG(1704, 1))
	m := &made{bills: map[string]Bill{}, late: map[string]bool{}}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var recent []Order
	for i := range 2400 {
		at = at.Add(time.Duration(rnd.IntN(144)) * time.Second)
		o := Order{
			ID: fmt.Sprintf("o%05d", i), Cents: 100 + rnd.Int64N(20_000), At: at,
			Account: []string{"ada", "ben", "cyd", "dee", "eve"}[rnd.IntN(5)],
		}
		if i > 1200 && rnd.IntN(60) == 0 {
			o.At = o.At.Add(-12 * time.Hour)
			m.late[o.ID] = true
		}
		m.bills[key(o)] = m.bills[key(o)].with(o)
		m.add(o)
		if recent = append(recent, o); len(recent) > 200 {
			recent = recent[1:]
		}
		if again := recent[rnd.IntN(len(recent))]; rnd.IntN(20) == 0 && !m.late[again.ID] {
			m.add(again)
		}
		if rnd.IntN(50) == 0 {
			m.dead++
			m.lines = append(m.lines, m.spoilt(rnd, o))
		}
	}
	return m
}

func key(o Order) string { return o.Account + o.At.Truncate(time.Hour).String() }

func (b Bill) with(o Order) Bill {
	return Bill{o.Account, o.At.Truncate(time.Hour), b.Orders + 1, b.Cents + o.Cents}
}

func (m *made) add(o Order) {
	line, _ := json.Marshal(o)
	m.lines = append(m.lines, string(line))
}

// spoilt is a line that is no order.
func (m *made) spoilt(rnd *rand.Rand, o Order) string {
	o.ID = "x" + o.ID
	switch rnd.IntN(3) {
	case 0:
		o.Cents = -o.Cents
	case 1:
		o.Account = ""
	default:
		line, _ := json.Marshal(o)
		return string(line[:rnd.IntN(len(line)-2)+1])
	}
	line, _ := json.Marshal(o)
	return string(line)
}

// TestInput keeps the committed input what generate makes.
func TestInput(t *testing.T) {
	want := strings.Join(generate().lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(input, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(input)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s: got %d bytes, want the %d that generate makes; run with -update", input,
			len(got), len(want))
	}
}

func TestBilling(t *testing.T) {
	m := generate()
	for _, parallelism := range []int{1, 3} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			p := Params{In: input, Out: t.TempDir()}
			stdout := run(t, p, parallelism)
			table, _, _ := strings.Cut(stdout, "\n\n")
			checkGolden(t, table+"\n")
			checkBills(t, p, m)
			checkLetters(t, p, m)
		})
	}
}

func run(t *testing.T, p Params, parallelism int) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cluster.Run(t.Context(), cluster.Options{
		Flows: []*dataflow.Flow{Billing}, After: cluster.After(show), Stdout: &stdout, Stderr: &stderr,
		Args: []string{"billing", "-quiet", "-in", p.In, "-out", p.Out,
			"-parallelism", fmt.Sprint(parallelism)},
	})
	if code != cluster.ExitOK {
		t.Fatalf("got exit code %d, want %d:\n%s", code, cluster.ExitOK, &stderr)
	}
	return stdout.String()
}

func checkGolden(t *testing.T, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// checkBills adds the late orders to the bills, which must then be those of
// all orders.
func checkBills(t *testing.T, p Params, m *made) {
	t.Helper()
	bills, err := results.Read[Bill](p.path("bills"))
	if err != nil {
		t.Fatal(err)
	}
	late, err := results.Read[Order](p.path("late"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Bill{}
	for _, b := range bills {
		b.Hour = b.Hour.UTC()
		if _, twice := got[b.Account+b.Hour.String()]; twice {
			t.Errorf("bill %+v came twice", b)
		}
		got[b.Account+b.Hour.String()] = b
	}
	for _, o := range late {
		if !m.late[o.ID] {
			t.Errorf("order %+v is not late", o)
		}
		o.At = o.At.UTC()
		got[key(o)] = got[key(o)].with(o)
	}
	for k, want := range m.bills {
		if got[k] != want {
			t.Errorf("bill: got %+v, want %+v", got[k], want)
		}
	}
	if len(got) != len(m.bills) {
		t.Errorf("got %d bills, want %d", len(got), len(m.bills))
	}
}

func checkLetters(t *testing.T, p Params, m *made) {
	t.Helper()
	dead, err := results.Read[Letter](p.path("dead"))
	if err != nil {
		t.Fatal(err)
	}
	if len(dead) != m.dead {
		t.Errorf("dead letters: got %d, want %d", len(dead), m.dead)
	}
	if i := slices.IndexFunc(dead, func(l Letter) bool { return l.Why == "" }); i >= 0 {
		t.Errorf("dead letter without a reason: %+v", dead[i])
	}
}
