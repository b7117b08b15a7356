package dataflowtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
)

// remember keeps state of all kinds under keys K and shows it.
type remember[K comparable, V any] struct {
	value   dataflow.Value[V]
	list    dataflow.List[V]
	entries dataflow.MapState[K, V]
}

func newRemember[K comparable, V any]() *remember[K, V] {
	return &remember[K, V]{
		dataflow.NewValue[V]("value", dataflow.TTL(time.Hour)), dataflow.NewList[V]("list"),
		dataflow.NewMapState[K, V]("entries"),
	}
}

func (r *remember[K, V]) Process(c *dataflow.Context[K, string], v V) error {
	if err := r.value.Set(c, v); err != nil {
		return err
	}
	for range 70 {
		if err := r.list.Append(c, v); err != nil {
			return err
		}
	}
	c.SetTimer(time.Unix(100, 0))
	return r.entries.Put(c, c.Key(), v)
}

func (r *remember[K, V]) OnTimer(c *dataflow.Context[K, string], _ time.Time) error {
	v, err := r.value.Get(c)
	if err != nil {
		return err
	}
	n := 0
	for range r.list.All(c) {
		n++
	}
	text := fmt.Sprint(c.Key(), " ", v, " ", n)
	for k, v := range r.entries.All(c) {
		text += fmt.Sprint(" ", k, "=", v)
	}
	c.Emit(text)
	return nil
}

// stageOf is a flow of one step called name around a remember.
func stageOf[K comparable, V any](name string, key func(V) K, want ...string) *player {
	return &player{func(g *dataflow.Graph) {
		s := dataflow.Read(g, "in", input[V]{})
		keyed := dataflow.KeyBy(s, "by-key", key)
		Expect(dataflow.Process(keyed, name, newRemember[K, V]), "out", want...)
	}}
}

// first is an image of a stage of int32 keys after some records.
func first(t *testing.T) *image {
	t.Helper()
	m, err := stageOf("step", func(v int32) int32 { return v / 10 }).machine(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls(NewScript[int32]().At(time.Second, 11, 25, -13).events, false)[:3] {
		if err := c.do(m); err != nil {
			t.Fatal(err)
		}
	}
	im, err := m.checkpoint(nil)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// Keys and values that have become wider find the state of the narrow ones.
func TestProcessEvolves(t *testing.T) {
	im := first(t)
	wide := stageOf("step", func(v int64) int64 { return v / 10 },
		"1 11 70 1=11", "2 25 70 2=25", "-1 -13 70 -1=-13")
	var m *machine
	for range 3 { // and again from checkpoints of the wider ones
		var err error
		if m, err = wide.machine(im); err != nil {
			t.Fatal(err)
		}
		if im, err = m.checkpoint(im); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.end(); err != nil {
		t.Fatal(err)
	}
	if err := verdict(m.outputs); err != nil {
		t.Error(err)
	}
}

func TestProcessRefusesOtherKeys(t *testing.T) {
	_, err := stageOf("step", func(v string) string { return v }).machine(first(t))
	if err == nil || !strings.Contains(err.Error(), `step "step": open state`) {
		t.Errorf("got %v, want an error that names the step and the state", err)
	}
}

// heap keeps records in a list and in a map.
type heap struct {
	list    dataflow.List[int64]
	entries dataflow.MapState[int64, int64]
}

func newHeap() *heap {
	return &heap{dataflow.NewList[int64]("list"), dataflow.NewMapState[int64, int64]("entries")}
}

func (h *heap) Process(c *dataflow.Context[string, string], v int64) error {
	if err := h.list.Append(c, v); err != nil {
		return err
	}
	if err := h.entries.Put(c, v, v); err != nil {
		return err
	}
	n, err := h.entries.Len(c)
	c.Emit(fmt.Sprint(n))
	return err
}

// A change of a long list or a large map must cost itself in the next
// checkpoint, not the list or the map.
func TestCheckpointGrowsWithChange(t *testing.T) {
	const n = 10_000
	p := &player{func(g *dataflow.Graph) {
		keyed := dataflow.KeyBy(dataflow.Read(g, "in", input[int64]{}), "by-nothing",
			func(int64) string { return "key" })
		Expect(dataflow.Process(keyed, "heap", newHeap), "out")
	}}
	m, err := p.machine(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]int64, n+1)
	for i := range all {
		all[i] = int64(i)
	}
	bytes := func(values []int64) (sum int) {
		t.Helper()
		cs := calls(NewScript[int64]().At(0, values...).events, true)
		for _, c := range cs[:len(cs)-1] { // but not the end
			if err := c.do(m); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := m.checkpoint(nil); err != nil {
			t.Fatal(err)
		}
		for _, tray := range m.trays {
			for i := 0; tray != nil && i < len(tray.blocks); i++ {
				sum += len(tray.blocks[i].Data)
			}
		}
		return sum
	}
	whole := bytes(all[:n])
	if one := bytes(all[n:]); whole < 4*n || one > 500 {
		t.Errorf("the checkpoint after %d records has %d bytes, after one more %d; want few", n,
			whole, one)
	}
}
