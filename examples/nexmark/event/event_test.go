package event

import (
	"encoding/json"
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
)

const (
	bidLine = `{"kind":"bid","auction":1007,"bidder":1004,"price":1234,"channel":"Apple",` +
		`"url":"https://a/b?c=1\u0026d=2","date_time":"2015-07-15 00:00:01.002","extra":"a\\b\"é"}`
	personLine = `{"kind":"person","id":1,"name":"Ann Lee","email_address":"a@b.com",` +
		`"credit_card":"1 2","city":"Bend","state":"OR","date_time":"2015-07-15T00:00:00.000Z",` +
		`"extra":""}`
	auctionLine = `{"kind":"auction","id":2,"item_name":"x","description":"y","initial_bid":3,` +
		`"reserve":4,"date_time":"1969-12-31T23:59:59.999Z","expires":"2016-02-29T23:59:59.999Z",` +
		`"seller":5,"category":6,"extra":"z"}`
	july15 = Time(1436918400000)
)

var (
	aBid = Event{Kind: BidKind, Bid: Bid{Auction: 1007, Bidder: 1004, Price: 1234,
		Channel: "Apple", URL: "https://a/b?c=1&d=2", DateTime: july15 + 1002, Extra: `a\b"é`}}
	aPerson = Event{Kind: PersonKind, Person: &Person{ID: 1, Name: "Ann Lee",
		EmailAddress: "a@b.com", CreditCard: "1 2", City: "Bend", State: "OR", DateTime: july15}}
	anAuction = Event{Kind: AuctionKind, Auction: &Auction{ID: 2, ItemName: "x", Description: "y",
		InitialBid: 3, Reserve: 4, DateTime: -1, Expires: 1456790399999, Seller: 5, Category: 6,
		Extra: "z"}}
)

func TestDecode(t *testing.T) {
	decode := newDecoder()
	for _, c := range []struct {
		line string
		want Event
	}{
		{bidLine, aBid}, {personLine, aPerson}, {auctionLine, anAuction},
		{strings.NewReplacer(`,`, " , ", `":`, "\" :\t").Replace(bidLine) + " ", aBid},
		{strings.Replace(bidLine, `,`, `,"more":{"kind":["person"]},"x":1.5,`, 1), aBid},
		{strings.Replace(bidLine, `,`, `,"Price":"x","more":"\\","y":12,`, 1), aBid},
		{`{"auction":1,` + strings.Replace(bidLine[1:], `"kind":"bid",`, `"kind" : "bid",`, 1), aBid},
		{strings.Replace(bidLine, "02 ", "02 ", 1), aBid},
		{strings.Replace(bidLine, "15 00:00:01.002", "14T22:00:01.002-02:00", 1), aBid},
		{`{"kind":"bid","auction":-1,"bidder":0,"price":9223372036854775807,` +
			`"date_time":"2015-07-15T00:00:00Z"}`,
			Event{Kind: BidKind, Bid: Bid{Auction: -1, Price: 1<<63 - 1, DateTime: july15}}},
	} {
		var got Event
		if err := decode([]byte(c.line), &got); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", c.line, got, err, c.want)
		}
		if err := json.Unmarshal([]byte(c.line), &got); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s, by encoding/json:\ngot  %+v, %v\nwant %+v", c.line, got, err, c.want)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	decode := newDecoder()
	const lateYear = "9999-12-31T23:59:59-01:00"
	replace := func(line, old, with string) string { return strings.Replace(line, old, with, 1) }
	for line, want := range map[string]string{
		``:                              "unexpected end",
		`null`:                          `kind "": want "person", "auction" or "bid"`,
		`[]`:                            "cannot unmarshal array",
		`{}`:                            `kind ""`,
		`{"kind":"sale"}`:               `kind "sale"`,
		`{"kind":1}`:                    `field "kind"`,
		bidLine[:40]:                    "unexpected end",
		bidLine + "x":                   "invalid character 'x'",
		bidLine + bidLine:               "invalid character '{'",
		`{"kind":"bid","auction":1.5}`:  `field "auction": json: cannot unmarshal number 1.5`,
		`{"kind":"bid","auction":"1"}`:  `field "auction"`,
		`{"kind":"bid","auction":01}`:   "invalid character '1'",
		`{"kind":"bid","auction":1}`:    `field "bidder" is missing`,
		`{"kind":"bid","auction":null}`: `field "auction" is missing`,

		replace(bidLine, "2015-07", "2015-13"):                `field "date_time": time "2015-13`,
		replace(bidLine, "00:00:01", "24:00:01"):              "want RFC 3339",
		replace(bidLine, "00:00:01", "00:60:01"):              "want RFC 3339",
		replace(bidLine, "00:00:01.0", "00:0x:01"):            "want RFC 3339",
		replace(bidLine, " 00:00:01.002", "T00:00:01.002"):    "want RFC 3339",
		replace(bidLine, "2015-07-15 00:00:01.002", lateYear): "years",
		replace(bidLine, "1007", "01007"):                     "invalid character '1'",
		replace(bidLine, "1007", "9999999999999999999"):       `field "auction"`,
		replace(bidLine, "}", `,"kind":5}`):                   `field "kind"`,
		replace(bidLine, "}", `,"kind":"person"}`):            `field "id" is missing`,
		replace(personLine, `"id":1,`, ""):                    `field "id" is missing`,
		replace(auctionLine, "expires", "e"):                  `field "expires" is missing`,
		replace(bidLine, "Apple", "\x01"):                     "invalid character",
		replace(bidLine, "Apple", `\x`):                       "invalid character",
	} {
		var e Event
		if err := decode([]byte(line), &e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}

// TestUsualLinesAreFast checks that what is written needs no slow decoder.
func TestUsualLinesAreFast(t *testing.T) {
	for _, e := range []Event{aBid, aPerson, anAuction} {
		line, err := e.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got Event
		if d := new(decoder); !d.fast(line, &got) || !reflect.DeepEqual(got, e) {
			t.Errorf("%s: got %+v", line, got)
		}
	}
	if _, err := (Event{Kind: PersonKind}).MarshalJSON(); err == nil {
		t.Error("an event without a person is encoded")
	}
}

// FuzzDecode compares the fast decoder with the slow one, and what is written
// of an event with what encoding/json writes.
func FuzzDecode(f *testing.F) {
	for _, line := range []string{
		bidLine, personLine, auctionLine, "", "{}", `{"kind":"bid","kind":"person"}`,
		`{"kind":"bid","auction":1,"bidder":-0,"price":12,"date_time":"2015-07-15 00:00:00.000",` +
			`"x":"\ud83d\ude00","extra":"\u00e9\uD800 ` + "\xff" + `"}`,
	} {
		f.Add(line)
	}
	d := &decoder{chunk: chunkBytes}
	f.Fuzz(func(t *testing.T, line string) {
		var got, want Event
		fast, err := d.fast([]byte(line), &got), decodeAny([]byte(line), &want)
		if fast && (err != nil || !reflect.DeepEqual(got, want)) {
			t.Fatalf("%q: got %+v, want %+v, %v", line, got, want, err)
		}
		if err != nil {
			return
		}
		text, err := want.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := decodeAny(text, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q, written as %s: got %+v, %v, want %+v", line, text, got, err, want)
		}
	})
}

// TestRead reads two files in many splits and checks that events come with
// their places.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	for name, lines := range map[string][]string{
		"a": {bidLine, personLine, "", auctionLine}, "b": {auctionLine, bidLine},
	} {
		text := strings.Join(lines, "\n")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var all *dataflowtest.Collected[Event]
	dataflowtest.Run(t, func(g *dataflow.Graph) {
		events := Read(g, "events", dir, file.Splits[Event](100), Timed(time.Second))
		all = dataflowtest.Collect(events, "out")
	})
	got := all.Values()
	slices.SortFunc(got, func(a, b Event) int { return int(a.Seq - b.Seq) })
	want := []Event{aBid, aPerson, anAuction, anAuction, aBid}
	for i, at := range []int{
		0, len(bidLine) + 1, len(bidLine) + len(personLine) + 3, 1 << 44, 1<<44 + len(auctionLine) + 1,
	} {
		want[i].Seq = int64(at)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTimed(t *testing.T) {
	for at, want := range map[Time]int64{
		july15: 1436918400000_000_000, -1: -1_000_000, 1 << 60: 9223372036854_000_000,
	} {
		if got := at.timestamp(); int64(got) != want {
			t.Errorf("%d ms: got %d, want %d", at, got, want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	decode, lines := newDecoder(), [][]byte{[]byte(bidLine), []byte(bidLine), []byte(personLine)}
	var e Event
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range lines {
			if err := decode(line, &e); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(lines)), "ns/event")
}

func BenchmarkDecodeAny(b *testing.B) {
	var e Event
	for b.Loop() {
		if err := decodeAny([]byte(bidLine), &e); err != nil {
			b.Fatal(err)
		}
	}
}
