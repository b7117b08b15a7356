package dataflow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
)

const sec = time.Second

// step is a processor made of functions, so that each test shows its own.
type step struct {
	value   dataflow.Value[int]
	refs    dataflow.Value[[]int]
	list    dataflow.List[string]
	entries dataflow.MapState[int, string]
	record  func(s *step, c *dataflow.Context[string, string], v string) error
	timer   func(s *step, c *dataflow.Context[string, string], at time.Time) error
	wall    func(s *step, c *dataflow.Context[string, string], at time.Time) error
}

func (s *step) Process(c *dataflow.Context[string, string], v string) error {
	return s.record(s, c, v)
}

func (s *step) OnTimer(c *dataflow.Context[string, string], at time.Time) error {
	return s.timer(s, c, at)
}

func (s *step) OnProcessingTimer(c *dataflow.Context[string, string], at time.Time) error {
	return s.wall(s, c, at)
}

// with completes a copy of s with handles of its own.
func with(s step, opts ...dataflow.StateOption) func() *step {
	return func() *step {
		s := s
		s.value = dataflow.NewValue[int]("value", opts...)
		s.refs = dataflow.NewValue[[]int]("refs", opts...)
		s.list = dataflow.NewList[string]("list", opts...)
		s.entries = dataflow.NewMapState[int, string]("entries", opts...)
		return &s
	}
}

// first is the key of a record: its first letter.
func first(v string) string { return v[:1] }

// play checks what a processor emits.
func play(
	t *testing.T, new func() *step, script *dataflowtest.Script[string], want ...string,
) {
	t.Helper()
	dataflowtest.Operator(t, script, func(s dataflow.Stream[string]) {
		out := dataflow.Process(dataflow.KeyBy(s, "by-letter", first), "step", new)
		dataflowtest.Expect(out, "out", want...)
	})
}

func script() *dataflowtest.Script[string] { return dataflowtest.NewScript[string]() }

func TestProcessValue(t *testing.T) {
	play(t, with(step{record: func(s *step, c *dataflow.Context[string, string], v string) error {
		if strings.HasSuffix(v, "-") {
			return s.value.Clear(c)
		}
		n, ok, err := s.value.Lookup(c)
		if err != nil {
			return err
		}
		c.Emit(fmt.Sprintf("%s %d %v", c.Key(), n, ok))
		return s.value.Set(c, n+1)
	}}), script().At(1, "a", "b", "a").At(2, "a", "a-", "a", "b").At(3, "c", "a"),
		"a 0 false", "b 0 false", "a 1 true", "a 2 true", "a 0 false", "b 1 true", "c 0 false",
		"a 1 true")
}

// TestProcessReferences changes a slice in place between Get and Set: a
// checkpoint that is being written must not see it.
func TestProcessReferences(t *testing.T) {
	play(t, with(step{record: func(s *step, c *dataflow.Context[string, string], v string) error {
		refs, err := s.refs.Get(c)
		if err != nil {
			return err
		}
		if refs == nil {
			refs = make([]int, 3)
		}
		for i := range refs {
			refs[i] += i + 1
		}
		c.Emit(fmt.Sprint(c.Key(), refs))
		return s.refs.Set(c, refs)
	}}), script().At(1, "a", "b", "c", "a").At(2, "a", "b", "a"),
		"a[1 2 3]", "b[1 2 3]", "c[1 2 3]", "a[2 4 6]", "a[3 6 9]", "b[2 4 6]", "a[4 8 12]")
}

func TestProcessList(t *testing.T) {
	var in, want []string
	for i := range 100 {
		v := fmt.Sprintf("%c%d", 'a'+i%3/2, i)
		in = append(in, v)
	}
	in = append(in, "a?", "b?", "a-", "a?", "ax", "a?")
	var a, b []string
	for _, v := range in[:100] {
		if v[0] == 'a' {
			a = append(a, v)
		} else {
			b = append(b, v)
		}
	}
	want = []string{
		fmt.Sprint(len(a), a), fmt.Sprint(len(b), b), "0 []", "1 [ax]",
	}
	play(t, with(step{record: func(s *step, c *dataflow.Context[string, string], v string) error {
		switch v[1:] {
		case "-":
			return s.list.Clear(c)
		case "?":
			var all []string
			for i, v := range s.list.All(c) {
				if i != len(all) {
					return fmt.Errorf("index %d of element %d", i, len(all))
				}
				all = append(all, v)
			}
			n, err := s.list.Len(c)
			c.Emit(fmt.Sprint(n, all))
			return err
		}
		return s.list.Append(c, v)
	}}), script().At(1, in...), want...)
}

func TestProcessMap(t *testing.T) {
	play(t, with(step{record: func(s *step, c *dataflow.Context[string, string], v string) error {
		var k int
		switch op := v[1]; op {
		case '+', '-':
			if _, err := fmt.Sscan(v[2:], &k); err != nil {
				return err
			}
			if op == '-' {
				return s.entries.Delete(c, k)
			}
			old, ok, err := s.entries.Get(c, k)
			if ok {
				c.Emit("was " + old)
			}
			if err != nil {
				return err
			}
			return s.entries.Put(c, k, v)
		case '!':
			return s.entries.Clear(c)
		}
		n, err := s.entries.Len(c)
		text := fmt.Sprint(n)
		for k, v := range s.entries.All(c) {
			text += fmt.Sprintf(" %d:%s", k, v)
		}
		c.Emit(text)
		return err
	}}), script().At(1, "a+3", "a+-1", "b+7", "a+2", "a?", "a-2", "a+2", "a?", "a-3", "a+1", "a?", "b?",
		"a+1", "a!", "a?", "a+9", "a?", "b?"),
		"3 -1:a+-1 2:a+2 3:a+3", "3 -1:a+-1 2:a+2 3:a+3", "3 -1:a+-1 1:a+1 2:a+2", "1 7:b+7",
		"was a+1", "0", "1 9:a+9", "1 7:b+7")
}

// setTimers reads a record like "a 3 1" as timers to be set, "a -3" as one to
// be deleted.
func setTimers(_ *step, c *dataflow.Context[string, string], v string) error {
	for _, f := range strings.Fields(v)[1:] {
		var n int
		if _, err := fmt.Sscan(f, &n); err != nil {
			return err
		}
		if n < 0 {
			c.DeleteTimer(time.Unix(int64(-n), 0))
		} else {
			c.SetTimer(time.Unix(int64(n), 0))
		}
	}
	return nil
}

func emitTimer(_ *step, c *dataflow.Context[string, string], at time.Time) error {
	c.Emit(fmt.Sprint(c.Key(), at.Unix(), " ", c.AtEnd()))
	return nil
}

func TestProcessTimers(t *testing.T) {
	for _, tc := range []struct {
		name   string
		script *dataflowtest.Script[string]
		want   []string
	}{
		{"in order of time, then of setting",
			script().At(0, "b 5 2", "a 5 1", "c 5").Watermark(4 * sec).Watermark(5 * sec),
			[]string{"a1 false", "b2 false", "b5 false", "a5 false", "c5 false"}},
		{"set twice",
			script().At(0, "a 5", "a 5").Watermark(5*sec).At(6, "a 9").Watermark(9 * sec),
			[]string{"a5 false", "a9 false"}},
		{"deleted", script().At(0, "a 5 6", "b 5", "a -5").Watermark(9 * sec),
			[]string{"b5 false", "a6 false"}},
		{"deleted and set again fires at its new turn",
			script().At(0, "a 5", "b 5", "a -5 5").Watermark(9 * sec),
			[]string{"b5 false", "a5 false"}},
		{"not before its time", script().At(0, "a 5").Watermark(5*sec-1).At(1, "b 1").Watermark(5 * sec),
			[]string{"b1 false", "a5 false"}},
		{"at the end", script().At(0, "a 500").Watermark(5 * sec), []string{"a500 true"}},
		{"due when it is set", script().Watermark(5*sec).At(6, "a 3", "b 9 5").Watermark(9 * sec),
			[]string{"a3 false", "b5 false", "b9 false"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, with(step{record: setTimers, timer: emitTimer}), tc.script, tc.want...)
		})
	}
}

func TestTimersSetByTimers(t *testing.T) {
	play(t, with(step{record: setTimers,
		timer: func(s *step, c *dataflow.Context[string, string], at time.Time) error {
			switch at.Unix() {
			case 2: // due at once: later, the same, earlier
				c.SetTimer(time.Unix(4, 0))
				c.SetTimer(time.Unix(1, 0))
			case 4:
				c.SetTimer(time.Unix(9, 0))
			}
			return emitTimer(s, c, at)
		}}), script().At(0, "a 2", "b 3").Watermark(5*sec).Watermark(9*sec),
		"a2 false", "a1 false", "b3 false", "a4 false", "a9 false")
}

func TestProcessingTimers(t *testing.T) {
	set := func(s *step, c *dataflow.Context[string, string], v string) error {
		for _, f := range strings.Fields(v)[1:] {
			d, err := time.ParseDuration(f)
			if err != nil {
				return err
			}
			if d < 0 {
				c.DeleteProcessingTimer(time.Unix(0, 0).Add(-d))
			} else {
				c.SetProcessingTimer(c.Now().Add(d))
			}
		}
		return nil
	}
	wall := func(_ *step, c *dataflow.Context[string, string], at time.Time) error {
		c.Emit(fmt.Sprint(c.Key(), at.Unix(), c.Now().Unix(), c.Watermark().Unix()))
		if c.Key() == "p" { // periodic
			c.SetProcessingTimer(at.Add(10 * sec))
		}
		return nil
	}
	for _, tc := range []struct {
		name   string
		script *dataflowtest.Script[string]
		want   []string
	}{
		{"in order", script().Watermark(7*sec).Wait(1*sec).At(8, "a 3s 1s", "b 2s").Wait(2 * sec).Wait(1 * sec),
			[]string{"a2 2 7", "b3 3 7", "a4 4 7"}},
		{"deleted", script().Watermark(7*sec).At(8, "a 1s 2s -1s", "b 1s").Wait(2 * sec),
			[]string{"b1 1 7", "a2 2 7"}},
		{"periodic, dropped at the end", script().Watermark(7*sec).At(8, "p 1s").Wait(22 * sec),
			[]string{"p1 1 7", "p11 11 7", "p21 21 7", "p31 22 7"}},
		{"left at the end", script().Watermark(7*sec).At(8, "b 9s", "a 5s 9s"),
			[]string{"a5 0 7", "b9 0 7", "a9 0 7"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, with(step{record: set, wall: wall}), tc.script, tc.want...)
		})
	}
}

func TestEventTimes(t *testing.T) {
	new := with(step{
		record: func(_ *step, c *dataflow.Context[string, string], v string) error {
			c.Emit(v)
			c.EmitAt(v+"+1", c.Time().Add(sec))
			c.SetTimer(time.Unix(20, 0))
			c.SetProcessingTimer(c.Now().Add(sec))
			return nil
		},
		timer: func(_ *step, c *dataflow.Context[string, string], _ time.Time) error {
			c.Emit("timer")
			return nil
		},
		wall: func(_ *step, c *dataflow.Context[string, string], _ time.Time) error {
			c.Emit("wall")
			return nil
		},
	})
	dataflowtest.Operator(t, script().At(5*sec, "a").Watermark(7*sec).Wait(sec),
		func(s dataflow.Stream[string]) {
			out := dataflow.Process(dataflow.KeyBy(s, "by-letter", first), "step", new)
			dataflowtest.Expect(out, "out", "a", "a+1", "wall", "timer").
				At(5*sec, 6*sec, 7*sec, 20*sec)
		})
}

// keep sets all kinds of state on "a+", shows what is left on others.
func keep(s *step, c *dataflow.Context[string, string], v string) error {
	if v[1] == '+' {
		if err := s.value.Set(c, 1); err != nil {
			return err
		}
		if err := s.entries.Put(c, len(v), v); err != nil {
			return err
		}
		return s.list.Append(c, v)
	}
	n, err := s.value.Get(c)
	if err != nil {
		return err
	}
	l, err := s.list.Len(c)
	if err != nil {
		return err
	}
	m, err := s.entries.Len(c)
	c.Emit(fmt.Sprintf("%s %d %d %d", v, n, l, m))
	return err
}

func TestTTL(t *testing.T) {
	event := script().Watermark(1*sec).At(2*sec, "a+").At(2*sec, "b+").
		Watermark(11*sec).At(11*sec, "a?").At(11*sec, "a+x").
		Watermark(12*sec-1).At(12*sec-1, "a?", "b?").
		At(12*sec, "a?", "b?").At(21*sec-1, "a?").
		// What a later record no longer sees, an earlier one still does.
		At(21*sec, "a?").At(12*sec-1, "a?").Watermark(21*sec).At(13*sec, "a?").
		// A late record counts from the watermark.
		At(3*sec, "a+").Watermark(31*sec-1).At(1*sec, "a?").Watermark(31*sec).At(1*sec, "a?")
	wall := script().At(0, "a+", "b+").Wait(9*sec).At(0, "a?", "a+x").Wait(1*sec-1).At(0, "a?", "b?").
		Wait(1).At(0, "a?", "b?").Wait(9*sec-1).At(0, "a?").Wait(1).At(0, "a?")
	want := []string{"a? 1 1 1", "a? 1 2 2", "b? 1 1 1", "a? 1 2 1", "b? 0 0 0", "a? 1 2 1", "a? 0 0 0"}
	t.Run("event time", func(t *testing.T) {
		play(t, with(step{record: keep}, dataflow.TTL(10*sec)), event,
			append(want, "a? 1 2 2", "a? 0 0 0", "a? 1 1 1", "a? 0 0 0")...)
	})
	t.Run("before 1970", func(t *testing.T) {
		play(t, with(step{record: keep}, dataflow.TTL(10*sec)),
			script().At(-20*sec, "a+").At(-10*sec-1, "a?").At(-10*sec, "a?"), "a? 1 1 1", "a? 0 0 0")
	})
	t.Run("processing time", func(t *testing.T) {
		play(t, with(step{record: keep}, dataflow.ProcessingTTL(10*sec)), wall, want...)
	})
}

// TestTTLBeforeTimers lets the watermark jump over an expiry and a timer that
// is to see its effect, and one that is not.
func TestTTLBeforeTimers(t *testing.T) {
	play(t, with(step{
		record: func(s *step, c *dataflow.Context[string, string], v string) error {
			c.SetTimer(c.Time().Add(10*sec - 1))
			c.SetTimer(c.Time().Add(10 * sec))
			return s.value.Set(c, 1)
		},
		timer: func(s *step, c *dataflow.Context[string, string], _ time.Time) error {
			n, err := s.value.Get(c)
			c.Emit(fmt.Sprint(c.Key(), n))
			return err
		},
	}, dataflow.TTL(10*sec)), script().At(1*sec, "a").At(2*sec, "b").Watermark(50*sec),
		"a1", "a0", "b1", "b0")
}
