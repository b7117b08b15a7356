package operators

import (
	"fmt"
	"maps"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

var inputs = Inputs{
	Flights: "../../../examples/flights/data/flights-sample.csv.gz",
	Words:   "../../../examples/wordcount/data/opticks.txt",
}

// rows counts results, each with its event time.
type rows map[string]int

func (r rows) add(k Key, n int64, value float64, at operator.Timestamp) {
	r[fmt.Sprintf("%v %d %.9f %d", k, n, value, at)]++
}

// event is a record of a plain loop.
type event struct {
	replay.Record
	at operator.Timestamp
}

func (e event) cut(size time.Duration) (end operator.Timestamp) {
	n := operator.Timestamp(size)
	return e.at - (e.at%n+n)%n + n // times before 1970 are negative
}

// oracles compute with plain loops what the flows do.
var oracles = map[string]func([]event) rows{
	"running":  runningOracle,
	"sliding":  slidingOracle,
	"join":     joinOracle,
	"sessions": sessionsOracle,
}

func runningOracle(events []event) rows {
	out, values := rows{}, map[Key][]float64{}
	for _, e := range events {
		k := keyOf(e.Record)
		values[k] = append(values[k], e.Value)
		all := values[k]
		var sum float64
		kept := all[max(0, len(all)-latest):]
		for _, v := range kept {
			sum += v
		}
		out.add(k, int64(len(all)), sum/float64(len(kept)), e.at)
	}
	return out
}

func slidingOracle(events []event) rows {
	type pane struct {
		Key
		end operator.Timestamp
	}
	panes := map[pane]usage{}
	for _, e := range events {
		first := e.cut(slidingSlide)
		for end := first; end < first+operator.Timestamp(slidingSize); end += operator.Timestamp(slidingSlide) {
			p := pane{keyOf(e.Record), end}
			panes[p] = panes[p].add(e.Record)
		}
	}
	out := rows{}
	for p, u := range panes {
		out.add(p.Key, u.N, u.row().Value, p.end-1)
	}
	return out
}

func joinOracle(events []event) rows {
	out := rows{}
	type pane struct {
		Key
		end operator.Timestamp
	}
	there, back := map[pane][]event{}, map[pane][]event{}
	for _, e := range events {
		p := pane{keyOf(e.Record), e.cut(joinSize)}
		if e.Place == 0 {
			there[p] = append(there[p], e)
		} else {
			back[p] = append(back[p], e)
		}
	}
	for p, all := range there {
		for _, a := range all {
			for _, b := range back[p] {
				out.add(p.Key, 2, a.Value+b.Value, p.end-1)
			}
		}
	}
	return out
}

func sessionsOracle(events []event) rows {
	out, open := rows{}, map[Key][]event{}
	finish := func(k Key) {
		s := open[k]
		most := s[0].Value
		for _, e := range s {
			most = max(most, e.Value)
		}
		out.add(k, int64(len(s)), most, s[len(s)-1].at.Add(quiet)-1)
		delete(open, k)
	}
	for _, e := range events {
		k := keyOf(e.Record)
		if s := open[k]; len(s) > 0 && e.at >= s[len(s)-1].at.Add(quiet) {
			finish(k)
		}
		open[k] = append(open[k], e)
	}
	for k := range maps.Clone(open) {
		finish(k)
	}
	return out
}

// TestOperators compares each flow with a plain loop, over more than a round
// of the data where that is short.
func TestOperators(t *testing.T) {
	for _, op := range All() {
		t.Run(op.Name, func(t *testing.T) {
			data, err := op.Load(inputs)
			if err != nil {
				t.Fatal(err)
			}
			stream := replay.Stream{Data: data, Copies: 4}
			n := int64(min(20_000, 4*data.Len()))
			got, want := &collector{rows: rows{}}, oracles[op.Name](events(stream, n))
			p := &replay.Player{Stream: stream, Splits: 2, Limit: n}
			dataflowtest.RunFlow(t, op.Flow(p, got), &struct{}{})
			if len(want) < 500 || !maps.Equal(got.rows, want) {
				t.Errorf("got %d different rows, want %d, or others", len(got.rows), len(want))
			}
			var total float64
			for _, e := range events(stream, n) {
				total += e.Value
			}
			if count, s := p.Sum(); count != n || math.Abs(s-total) > 1e-6*math.Abs(total) {
				t.Errorf("the player says that %d records of sum %v have left, want %d of %v",
					count, s, n, total)
			}
		})
	}
}

// collector keeps what it is given, with event times.
type collector struct {
	mu   sync.Mutex
	rows rows
}

func (c *collector) Delivery() operator.Delivery                       { return operator.Idempotent }
func (c *collector) Open(operator.Place) (dataflow.Writer[Row], error) { return c, nil }
func (c *collector) Commit([]byte) error                               { return nil }
func (c *collector) Recover() error                                    { return nil }
func (c *collector) Prepare(uint64) (operator.Prepared, error)         { return nil, nil }
func (c *collector) Close() error                                      { return nil }
func (c *collector) Write(b *operator.Records[Row]) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, r := range b.Values {
		c.rows.add(r.Key, r.N, r.Value, b.Times[i])
	}
	return nil
}

func events(s replay.Stream, n int64) (all []event) {
	for i := range n {
		r, at := s.At(i)
		all = append(all, event{r, at})
	}
	return all
}

func TestFind(t *testing.T) {
	if op, err := Find("join"); err != nil || op.Name != "join" {
		t.Errorf("got %q and error %v, want join", op.Name, err)
	}
	if _, err := Find("nothing"); err == nil {
		t.Error("no error for an operator that there is not")
	}
}
