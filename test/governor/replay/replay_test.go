package replay

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/test/virtual"
)

func quakes(t testing.TB) *Data {
	t.Helper()
	d, err := Earthquakes()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEventTimesRiseAndAreFound(t *testing.T) {
	for _, copies := range []int{1, 3, 1000} {
		s := Stream{Data: quakes(t), Copies: copies}
		last := operator.MinTimestamp
		for i := int64(0); i < int64(3*copies*s.Data.Len()); i += int64(1 + copies/7) {
			r, at := s.At(i)
			if at < last || int64(r.Copy) != i%int64(copies) {
				t.Fatalf("copies %d, record %d: copy %d at %v, after %v", copies, i, r.Copy, at, last)
			}
			first := s.Index(at)
			if _, before := s.At(max(0, first-1)); first > i || i > 0 && first > 0 && before >= at {
				t.Fatalf("copies %d: the first record at %v is %d, not %d", copies, at, i, first)
			}
			if next := s.Index(at + 1); next <= i && at > last {
				t.Fatalf("copies %d: record %d is at %v, not after it", copies, next, at)
			}
			last = at
		}
		if got := s.Index(operator.MinTimestamp); got != 0 {
			t.Errorf("before the start: got %d, want 0", got)
		}
	}
}

func TestSum(t *testing.T) {
	s := Stream{Data: quakes(t), Copies: 2}
	n := int64(2*2*s.Data.Len() + 7)
	var want float64
	for i := range n {
		r, _ := s.At(i)
		want += r.Value
	}
	if got := s.Sum(0, n, 2) + s.Sum(1, n, 2); math.Abs(got-want) > 1e-6 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSpreadOfEqualTimes(t *testing.T) {
	start := time.Unix(1000, 0)
	var times []time.Time
	for _, s := range []int{0, 0, 0, 0, 60, 60, 120} {
		times = append(times, start.Add(time.Duration(s)*time.Second))
	}
	var got []float64
	for _, d := range spread(times) {
		got = append(got, d.Seconds())
	}
	if want := []float64{0, 15, 30, 45, 60, 90, 120}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestShapes(t *testing.T) {
	for _, name := range []string{"constant", "bursty", "diurnal"} {
		s, err := Shaped(name, 1000)
		if err != nil || s.Name != name {
			t.Fatalf("%s: got %q and error %v", name, s.Name, err)
		}
		last := time.Duration(-1)
		for i := range int64(50_000) {
			due := s.Due(i)
			if due < last {
				t.Fatalf("%s: record %d is due at %v, before the one before it", name, i, due)
			}
			if n := s.Count(due); n <= i || i%10 == 0 && s.Count(due-1) > i {
				t.Fatalf("%s: %d records are due at %v, when record %d is", name, n, due, i)
			}
			last = due
		}
		rounds := 3 * s.Period
		if got := s.Count(rounds - 1); math.Abs(float64(got)-1000*rounds.Seconds()) > 1 {
			t.Errorf("%s: got %d records in three periods, want a mean of 1000 a second", name, got)
		}
	}
	if s, err := Shaped("", 1); err != nil || s.Paced() || s.Due(7) != 0 {
		t.Errorf("the shape without a name has a pace, or error %v", err)
	}
	if _, err := Shaped("square", 1); err == nil {
		t.Error("no error for a shape that there is not")
	}
}

func TestBurstsAreThreeTimesTheMean(t *testing.T) {
	s := Bursty(1000)
	if got := s.Count(6*time.Second-1) - s.Count(4*time.Second-1); got != 6000 {
		t.Errorf("got %d records in the burst, want 6000", got)
	}
}

// player returns a player of earthquakes and a reader for each split.
func player(t *testing.T, p *Player) []*reader {
	t.Helper()
	p.Stream, p.Splits = Stream{Data: quakes(t), Copies: 5}, 2
	p.left.splits = make([]departed, p.Splits)
	splits, _ := source{p}.Splits(t.Context())
	var readers []*reader
	for _, s := range splits {
		r, err := source{p}.Open(t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, r.(*reader))
	}
	return readers
}

// TestPlayerKeepsTime plays at a rate in virtual time, is held up, and expects
// all that was due meanwhile, with its old due times.
func TestPlayerKeepsTime(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		p := &Player{Pace: Constant(10_000), For: 5 * time.Second}
		readers := player(t, p)
		start, n := time.Now(), 0
		pool := operator.NewPool[Record]()
		for over := 0; over < len(readers); {
			over = 0
			for _, r := range readers {
				b := pool.Get()
				if r.Read(t.Context(), b) != nil {
					over++
				}
				for _, at := range b.Times {
					due, ok := p.Due(at)
					left, _ := p.Left(at, false)
					held := n > 20_000 && n < 29_000
					if late := left.Sub(due); !ok || late < 0 || held && late < 900*time.Millisecond {
						t.Fatalf("a record left %v after it was due", late)
					}
					n++
				}
				b.Release()
			}
			if n > 20_000 && time.Since(start) < 2500*time.Millisecond {
				time.Sleep(2 * time.Second)
			}
		}
		if n < 49_900 || n > 50_000 {
			t.Errorf("got %d records in 5 s, want 50,000 at most and nearly so", n)
		}
		if count, _ := p.Sum(); count != int64(n) {
			t.Errorf("the player says that %d records have left, want %d", count, n)
		}
	})
}

// TestPlayerCatchesUp reads without a break what is overdue.
func TestPlayerCatchesUp(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		readers := player(t, &Player{Pace: Constant(1_000_000)})
		time.Sleep(time.Second)
		pool := operator.NewPool[Record]()
		start := time.Now()
		for range 900 {
			b := pool.Get()
			if err := readers[0].Read(t.Context(), b); err != nil || b.Len() != operator.BatchSize {
				t.Fatalf("got %d records and error %v, want a full batch", b.Len(), err)
			}
			b.Release()
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("waited %v while records were overdue", waited)
		}
	})
}

func TestLeft(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		p := &Player{Limit: 5000}
		readers := player(t, p)
		pool := operator.NewPool[Record]()
		start := time.Now()
		for k := range 4 {
			b := pool.Get()
			if err := readers[k%2].Read(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			b.Release()
			time.Sleep(time.Second)
		}
		for _, tt := range []struct {
			record int64
			whole  bool
			want   time.Duration
		}{
			{0, false, 0}, {1, false, 1}, {0, true, 1}, {1022, false, 0}, {1024, false, 2},
			{1022, true, 1}, {1025, true, 3}, {2047, false, 3},
		} {
			got, ok := p.left.at(tt.record, tt.whole)
			if want := start.Add(tt.want * time.Second); !ok || !got.Equal(want) {
				t.Errorf("record %d, whole %v: got %v after the start, want %d s",
					tt.record, tt.whole, got.Sub(start), int(tt.want))
			}
		}
		if _, ok := p.left.at(2048, false); ok {
			t.Error("a record has left that has not been read")
		}
	})
}

func TestMarksAreBounded(t *testing.T) {
	var s departed
	const n = noted + 1000
	for i := range int64(n) {
		s.note(mark{10 * (i + 1), time.Duration(i)})
	}
	if len(s.marks) != noted {
		t.Errorf("got %d marks, want %d", len(s.marks), noted)
	}
	for _, i := range []int64{1000, n / 2, n - 1} {
		if got, ok := s.when(10*i + 3); !ok || got != time.Duration(i) {
			t.Errorf("batch %d: got %v, %v", i, int64(got), ok)
		}
	}
	if got, _ := s.when(0); got != 1000 {
		t.Errorf("a forgotten batch: got %d, want the oldest one's time 1000", got)
	}
}

func TestGarbageIsAnError(t *testing.T) {
	p := &Player{}
	readers := player(t, p)
	offset := readers[1].Offset()
	for _, tt := range []struct{ payload, offset string }{
		{"", ""}, {"\x02", string(offset)}, {"\x01", ""}, {"\x01", "\xff"}, {"\x01", "\x01\x01"},
	} {
		split := operator.Split{ID: "x", Payload: []byte(tt.payload)}
		if _, err := (source{p}).Open(t.Context(), split, []byte(tt.offset)); err == nil {
			t.Errorf("payload %q, offset %q: no error", tt.payload, tt.offset)
		}
	}
	at := func(s ...string) (times []time.Time) {
		for _, one := range s {
			when, err := when(one)
			if err != nil {
				t.Fatal(err)
			}
			times = append(times, when)
		}
		return times
	}
	if _, err := newData("x", nil, nil); err == nil {
		t.Error("no error for no records")
	}
	falling := at("2001-01-02T00:00", "2001-01-01T00:00:01")
	if _, err := newData("x", make([]Record, 2), falling); err == nil {
		t.Error("no error for records that are not in order")
	}
	for _, text := range []string{"", "a,b\n", "t,a,b,c,d\n1,2,3,4,5\n", "t,a,b,c,d\n2001-01-01T00:00,x,3,4,5\n"} {
		d, err := table("x", strings.NewReader(text), func(c []string) (Record, error) {
			_, err := time.ParseDuration(c[1])
			return Record{}, err
		})
		if err == nil {
			t.Errorf("%q: no error but %v", text, d)
		}
	}
}

func TestSquare(t *testing.T) {
	for _, tt := range []struct {
		latitude, longitude float64
		want                string
	}{{0, 0, "+00+000"}, {-0.1, 179.9, "-05+175"}, {34.5, -118.7, "+30-120"}} {
		if got := square(tt.latitude, tt.longitude); got != tt.want {
			t.Errorf("%v %v: got %s, want %s", tt.latitude, tt.longitude, got, tt.want)
		}
	}
}

func TestReadData(t *testing.T) {
	f, err := Flights("../../../examples/flights/data/flights-sample.csv.gz")
	if err != nil || f.Len() != 212_471 || f.Keys() != 3272 {
		t.Errorf("flights: got %v, error %v", f, err)
	}
	p, err := Pairs("../../../examples/flights/data/flights-sample.csv.gz")
	if err != nil || p.Len() != f.Len() || p.Keys() >= f.Keys() {
		t.Errorf("pairs: error %v", err)
	}
	w, err := Words("../../../examples/wordcount/data/opticks.txt")
	if err != nil || w.Len() != 26_608 {
		t.Errorf("words: error %v", err)
	}
	if q := quakes(t); q.Len() != 1679 {
		t.Errorf("earthquakes: got %d, want 1679", q.Len())
	}
	if _, err := Flights("nothing"); err == nil {
		t.Error("no error for a file that there is not")
	}
}

func BenchmarkAt(b *testing.B) {
	s := Stream{Data: quakes(b), Copies: 1000}
	i := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		s.At(i)
		i++
	}
}
