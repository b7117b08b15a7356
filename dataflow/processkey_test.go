package dataflow_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

// tally counts, remembers and times records under keys of any type.
type tally[K comparable] struct {
	count dataflow.Value[int]
	at    dataflow.List[int64]
	kinds dataflow.MapState[string, int]
}

func newTally[K comparable]() *tally[K] {
	return &tally[K]{
		count: dataflow.NewValue[int]("count", dataflow.TTL(100*sec)),
		at:    dataflow.NewList[int64]("at", dataflow.TTL(100*sec)),
		kinds: dataflow.NewMapState[string, int]("kinds", dataflow.TTL(100*sec)),
	}
}

func (x *tally[K]) Process(c *dataflow.Context[K, string], _ K) error {
	n, err := x.count.Get(c)
	if err != nil {
		return err
	}
	c.SetTimer(c.Time().Add(10 * sec))
	if err := x.at.Append(c, c.Time().Unix()); err != nil {
		return err
	}
	if err := x.kinds.Put(c, fmt.Sprint(c.Time().Unix()%2), n); err != nil {
		return err
	}
	return x.count.Set(c, n+1)
}

func (x *tally[K]) OnTimer(c *dataflow.Context[K, string], at time.Time) error {
	n, err := x.count.Get(c)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%v %d:", c.Key(), n)
	for _, at := range x.at.All(c) {
		text += fmt.Sprint(" ", at)
	}
	for k, v := range x.kinds.All(c) {
		text += fmt.Sprint(" ", k, "=", v)
	}
	c.Emit(text)
	return nil
}

// Keys other than strings live in memory that the next record takes: state
// and timers must keep a copy.
func testKeys[K comparable](t *testing.T, keys [3]K, names [3]string) {
	t.Helper()
	a, b, c := keys[0], keys[1], keys[2]
	script := dataflowtest.NewScript[K]().At(1*sec, a, b).At(2*sec, c, a).At(3*sec, b).
		Watermark(12*sec).At(14*sec, a)
	dataflowtest.Operator(t, script, func(s dataflow.Stream[K]) {
		keyed := dataflow.KeyBy(s, "self", func(k K) K { return k })
		dataflowtest.Expect(dataflow.Process(keyed, "tally", newTally[K]), "out",
			names[0]+" 2: 1 2 0=1 1=0", names[1]+" 2: 1 3 1=1", names[2]+" 1: 2 0=0",
			names[0]+" 2: 1 2 0=1 1=0", names[1]+" 2: 1 3 1=1", names[0]+" 3: 1 2 14 0=2 1=0")
	})
}

type place struct {
	City  string
	Block int32
	lat   float32
}

func TestProcessKeys(t *testing.T) {
	t.Run("int", func(t *testing.T) {
		testKeys(t, [...]int{1, -1, 1 << 40}, [...]string{"1", "-1", "1099511627776"})
	})
	t.Run("string", func(t *testing.T) {
		testKeys(t, [...]string{"", "b", "bb"}, [...]string{"", "b", "bb"})
	})
	t.Run("struct", func(t *testing.T) {
		testKeys(t, [...]place{{"LAS", 1, 0}, {"LAS", 2, 1}, {"", 0, 0}},
			[...]string{"{LAS 1 0}", "{LAS 2 1}", "{ 0 0}"})
	})
	t.Run("empty struct", func(t *testing.T) {
		script := dataflowtest.NewScript[struct{}]().At(1*sec, struct{}{})
		dataflowtest.Operator(t, script, func(s dataflow.Stream[struct{}]) {
			keyed := dataflow.KeyBy(s, "self", func(k struct{}) struct{} { return k })
			dataflowtest.Expect(dataflow.Process(keyed, "tally", newTally[struct{}]), "out",
				"{} 1: 1 1=0")
		})
	})
}

// 0 and -0 are one key, though their bytes differ.
func TestProcessNegativeZero(t *testing.T) {
	zero := math.Copysign(0, -1)
	type point struct {
		x float32
		y [1]complex64
	}
	neg := point{float32(zero), [1]complex64{complex(float32(zero), float32(zero))}}
	script := dataflowtest.NewScript[point]().At(1*sec, point{}, neg)
	dataflowtest.Operator(t, script, func(s dataflow.Stream[point]) {
		keyed := dataflow.KeyBy(s, "self", func(k point) point { return k })
		dataflowtest.Expect(dataflow.Process(keyed, "tally", newTally[point]), "out",
			"{0 [(0+0i)]} 2: 1 1 1=1")
	})
}

// pair matches each left record with the right ones of its key before it.
type pair struct {
	rights dataflow.List[int]
	lefts  dataflow.Value[int]
}

func newPair() *pair {
	return &pair{dataflow.NewList[int]("rights"), dataflow.NewValue[int]("lefts")}
}

func (p *pair) ProcessLeft(c *dataflow.Context[string, string], v string) error {
	for _, r := range p.rights.All(c) {
		c.Emit(fmt.Sprint(v, r))
	}
	n, err := p.lefts.Get(c)
	if err != nil {
		return err
	}
	c.SetTimer(c.Time().Add(sec))
	return p.lefts.Set(c, n+1)
}

func (p *pair) ProcessRight(c *dataflow.Context[string, string], v int) error {
	return p.rights.Append(c, v)
}

func (p *pair) OnTimer(c *dataflow.Context[string, string], _ time.Time) error {
	n, err := p.lefts.Get(c)
	c.Emit(fmt.Sprint(c.Key(), " lefts ", n))
	return err
}

func TestConnect(t *testing.T) {
	script := dataflowtest.NewScript2[string, int]().
		Left(1*sec, "even").Right(1*sec, 1, 2, 3).Left(2*sec, "even", "odd").Right(3*sec, 4).
		Watermark(3*sec).Left(4*sec, "even")
	stage := func(l dataflow.Stream[string], r dataflow.Stream[int]) {
		left := dataflow.KeyBy(l, "by-name", func(s string) string { return s })
		right := dataflow.KeyBy(r, "by-parity", func(i int) string {
			return []string{"even", "odd"}[i%2]
		})
		dataflowtest.Expect(dataflow.Connect(left, "pair", right, newPair), "out",
			"even2", "odd1", "odd3", "even lefts 2", "even lefts 2", "odd lefts 1",
			"even2", "even4", "even lefts 3")
	}
	dataflowtest.Operator2(t, script, stage)
}
