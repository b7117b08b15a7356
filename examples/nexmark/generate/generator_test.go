package generate

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// newTest makes a generator of the first n events.
func newTest(t testing.TB, cfg Config, n int64) *Generator {
	t.Helper()
	g, err := New(cfg, n)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// events are the first n events of a configuration.
func events(t testing.TB, cfg Config, n int64) []event.Event {
	t.Helper()
	all := make([]event.Event, n)
	if got := newTest(t, cfg, n).Fill(all); int64(got) != n {
		t.Fatalf("%d events, want %d", got, n)
	}
	return all
}

func TestRandomIsJavas(t *testing.T) {
	r := newRandom(0)
	for _, want := range []int32{-1155484576, -723955400, 1033096058} {
		if got := r.int32(); got != want {
			t.Errorf("new Random(0).nextInt(): got %d, want %d", got, want)
		}
	}
	r = newRandom(42)
	for i, want := range []int32{0, 3, 8, 4, 0, 5, 5, 8, 9, 3} {
		if got := r.intn(10); got != want {
			t.Errorf("draw %d of new Random(42).nextInt(10): got %d, want %d", i, got, want)
		}
	}
	r = newRandom(42)
	if got, want := r.int64(), int64(-5025562857975149833); got != want {
		t.Errorf("new Random(42).nextLong(): got %d, want %d", got, want)
	}
	r = newRandom(42)
	if got, want := r.float64(), 0.7275636800328681; got != want {
		t.Errorf("new Random(42).nextDouble(): got %v, want %v", got, want)
	}
}

// TestRandomRejects draws below a bound at which every other number falls into
// the incomplete last run, and compares with Java's own words for it.
func TestRandomRejects(t *testing.T) {
	const n = 1<<30 + 1
	got, want, again := newRandom(1), newRandom(1), 0
	for range 1000 {
		u := want.int31()
		for ; u-u%n+(n-1) < 0; u = want.int31() {
			again++
		}
		if got := got.intn(n); got != u%n {
			t.Fatalf("got %d, want %d", got, u%n)
		}
	}
	if again == 0 {
		t.Error("no draw was rejected")
	}
}

// TestExactText compares with the loop of Beam's nextExactString.
func TestExactText(t *testing.T) {
	for seed := range uint64(2000) {
		got, want := text{}, []byte(nil)
		r, n := newRandom(seed), int(seed%50)
		rest, left := int32(0), 0
		for range n {
			if left == 0 {
				rest, left = r.int32(), 6
			}
			want = append(want, byte('a'+rest%26))
			rest, left = rest/26, left-1
		}
		r = newRandom(seed)
		if got.exact(&r, n); string(got.buf) != string(want) {
			t.Fatalf("seed %d: got %q, want %q", seed, got.buf, want)
		}
	}
}

// TestPriceIsExact compares prices with those by math.Pow alone, at random
// points and where rounding changes.
func TestPriceIsExact(t *testing.T) {
	check := func(u float64) {
		if got, want := priceAt(u), exactPrice(u); got != want {
			t.Fatalf("at %v: got %d, want %d", u, got, want)
		}
	}
	for seed := range uint64(50_000) {
		r := newRandom(mix(seed))
		check(r.float64())
		between := float64(100+r.int64n(99_999_000)) + 0.5
		u := math.Log10(between/100) / 6
		for range 5 {
			check(u)
			u = math.Nextafter(u, 1)
		}
	}
}

// TestGolden compares with events that a port of Beam's generator to another
// language has made, which shares no code with this one.
func TestGolden(t *testing.T) {
	f, err := os.Open("testdata/beam.golden")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var number, shuffle int64
		line := lines.Text()
		if _, err := fmt.Sscan(line, &number, &shuffle); err != nil {
			t.Fatal(err)
		}
		want := parse(t, line[strings.IndexByte(line, '{'):])
		want.Seq = number
		g := newTest(t, Config{Shuffle: shuffle}, -1)
		g.pos = number
		var got [1]event.Event
		if g.Fill(got[:]); !reflect.DeepEqual(got[0], want) {
			t.Errorf("event %d, shuffled by %d:\ngot  %s\nwant %s",
				number, shuffle, fields(&got[0]), fields(&want))
		}
	}
}

// parse reads a line of the golden file.
func parse(t *testing.T, line string) (e event.Event) {
	var kind struct{ Kind string }
	if err := json.Unmarshal([]byte(line), &kind); err != nil {
		t.Fatal(err)
	}
	var to any = &e.Bid
	switch kind.Kind {
	case "person":
		e.Kind, e.Person = event.PersonKind, new(event.Person)
		to = e.Person
	case "auction":
		e.Kind, e.Auction = event.AuctionKind, new(event.Auction)
		to = e.Auction
	default:
		e.Kind = event.BidKind
	}
	if err := json.Unmarshal([]byte(line), to); err != nil {
		t.Fatal(err)
	}
	return e
}

// fields are the values of an event, in order.
func fields(e *event.Event) string {
	switch e.Kind {
	case event.PersonKind:
		p := e.Person
		return fmt.Sprintf("person|%d|%s|%s|%s|%s|%s|%d|%s", p.ID, p.Name, p.EmailAddress,
			p.CreditCard, p.City, p.State, p.DateTime, p.Extra)
	case event.AuctionKind:
		a := e.Auction
		return fmt.Sprintf("auction|%d|%s|%s|%d|%d|%d|%d|%d|%d|%s", a.ID, a.ItemName,
			a.Description, a.InitialBid, a.Reserve, a.DateTime, a.Expires, a.Seller, a.Category,
			a.Extra)
	}
	b := e.Bid
	return fmt.Sprintf("bid|%d|%d|%d|%s|%s|%d|%s", b.Auction, b.Bidder, b.Price, b.Channel,
		b.URL, b.DateTime, b.Extra)
}

// TestStream compares the first 20,000 events with those of the same port.
func TestStream(t *testing.T) {
	h := sha256.New()
	for _, e := range events(t, Config{}, 20_000) {
		fmt.Fprintln(h, fields(&e))
	}
	const want = "c78dced38076bcd00e1ab927b769a34f8ed038fc9cc816a0d3f6646c0d545fb3"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("the stream's hash: got %s, want %s", got, want)
	}
}

// TestSeed checks that other seeds make other events, and that these do not
// come in runs: in any 500 events about half of the bids are for hot auctions.
func TestSeed(t *testing.T) {
	one, two := events(t, Config{Seed: 1}, 20_000), events(t, Config{Seed: 2}, 20_000)
	if reflect.DeepEqual(one[:50], two[:50]) {
		t.Error("seeds 1 and 2 make the same events")
	}
	for at := 10_000; at < len(one); at += 500 {
		hot, bids := 0, 0
		for _, e := range one[at : at+500] {
			if e.Kind == event.BidKind {
				bids++
				if e.Bid.Auction%hotBatch == 0 {
					hot++
				}
			}
		}
		if share := float64(hot) / float64(bids); share < 0.4 || share > 0.6 {
			t.Errorf("from event %d on, %.2f of the bids are for hot auctions", at, share)
		}
	}
}

func BenchmarkFill(b *testing.B) {
	g := newTest(b, Config{}, -1)
	buf := make([]event.Event, batchEvents)
	b.ReportAllocs()
	for b.Loop() {
		g.Fill(buf)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batchEvents, "ns/event")
}

func BenchmarkPrice(b *testing.B) {
	r := newRandom(1)
	for b.Loop() {
		price(&r)
	}
}

func BenchmarkExact(b *testing.B) {
	r, t := newRandom(1), text{}
	for b.Loop() {
		t.exact(&r, 68)
		t.buf = t.buf[:0]
	}
}

func BenchmarkWord(b *testing.B) {
	r, t := newRandom(1), text{}
	for b.Loop() {
		t.word(&r, 100, ' ')
		t.buf = t.buf[:0]
	}
}
