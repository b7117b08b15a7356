package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// aBid has its channel and, after a space, its URL in where.
func aBid(at event.Time, auction, bidder, price int64, where string) event.Event {
	channel, url, _ := strings.Cut(where, " ")
	return event.Event{Kind: event.BidKind, Bid: event.Bid{Auction: auction, Bidder: bidder,
		Price: price, Channel: channel, URL: url, DateTime: at, Extra: "c<"}}
}

func anAuction(at, expires event.Time, id, seller int64) event.Event {
	return event.Event{Kind: event.AuctionKind, Auction: &event.Auction{ID: id, ItemName: "i",
		Description: "d", InitialBid: 1, Reserve: 2, DateTime: at, Expires: expires,
		Seller: seller, Category: 10, Extra: "x"}}
}

func aPerson(at event.Time, id int64, state string) event.Event {
	return event.Event{Kind: event.PersonKind, Person: &event.Person{ID: id, Name: "n", City: "y",
		State: state, DateTime: at}}
}

// few are events whose rows can be told by looking at them.
var few = []event.Event{
	aBid(9_000, 246, 2, 300, "GooGle h://x/a/b"), // before its auction, but in time
	anAuction(1_000, 20_000, 246, 1),
	aPerson(2_000, 1, "OR"),
	aPerson(2_000, 2, "WA"),
	anAuction(11_000, 12_000, 7, 2),
	aBid(19_000, 246, 2, 300, "z u&channel_id=5&"), // as high as the first
	aBid(20_001, 246, 3, 9_000_000, "z"),           // too late to win
	aBid(12_000, 7, 2, 500, "Z channel_id="),
	aBid(86_400_000, 9, 3, 10_000, " a/b/c/d/e/f/g"),
}

// TestRows compares the models with rows that were written by hand, without
// what they have in common with other queries.
func TestRows(t *testing.T) {
	const (
		t9  = `"1970-01-01T00:00:09.000Z"`
		t19 = `"1970-01-01T00:00:19.000Z"`
		c   = `,"extra":"c<"`
		won = `"item_name":"i","description":"d","initial_bid":1,"reserve":2,`
	)
	for name, want := range map[string][]string{
		"q0":  {`{"auction":246,"bidder":2,"price":300,"date_time":` + t9 + c + `}`},
		"q1":  {`{"auction":7,"bidder":2,"price":454.000,"date_time":"1970-01-01T00:00:12.000Z"`},
		"q2":  {`{"auction":246,"price":300}`, `{"auction":246,"price":9000000}`},
		"q3":  {`{"name":"n","city":"y","state":"OR","id":246}`},
		"q4":  {`{"category":10,"final":400}`},
		"q5":  {`{"auction":246,"num":2}`, `{"auction":246,"num":1}`, `{"auction":9,"num":1}`},
		"q6":  {`{"seller":1,"avg_price":300}`, `{"seller":2,"avg_price":500}`},
		"q7":  {`{"auction":7,`, `{"auction":246,"bidder":2,"price":300,"date_time":` + t9},
		"q8":  {`{"id":1,"name":"n","starttime":"1970-01-01T00:00:00.000Z"}`},
		"q9":  {`{"id":246,` + won, `"auction":246,"bidder":2,"price":300,"bid_date_time":` + t9},
		"q10": {c + `,"dt":"1970-01-02","hm":"00:00"}`},
		"q11": {`{"bidder":2,"bid_count":3,"starttime":` + t9 + `,"endtime":"1970-01-01T00:00:29.000Z"}`},
		"q12": {`{"bidder":2,"bid_count":3}`, `{"bidder":3,"bid_count":2}`},
		"q13": {`"value":"246"}`, `"value":"9"}`},
		"q14": {`"price":8172000.000,"bid_time_type":"nightTime","date_time":` +
			`"1970-01-01T00:00:20.001Z","extra":"c<","c_counts":1}`},
		"q15": {`{"day":"1970-01-01","total_bids":4,"rank1_bids":3,"rank2_bids":0,"rank3_bids":1,` +
			`"total_bidders":2,"rank1_bidders":1,"rank2_bidders":0,"rank3_bidders":1,` +
			`"total_auctions":2,"rank1_auctions":2,"rank2_auctions":0,"rank3_auctions":1}`},
		"q16": {`{"channel":"z","day":"1970-01-01","minute":"00:00","total_bids":2,"rank1_bids":1`},
		"q17": {`{"auction":246,"day":"1970-01-01","total_bids":3,"rank1_bids":2,"rank2_bids":0,` +
			`"rank3_bids":1,"min_price":300,"max_price":9000000,"avg_price":3000200,` +
			`"sum_price":9000600}`},
		"q18": {`{"auction":246,"bidder":2,"price":300,"channel":"z","url":"u&channel_id=5&",` +
			`"date_time":` + t19},
		"q19": {`"date_time":` + t9 + c + `,"rank_number":2}`,
			`"date_time":` + t19 + c + `,"rank_number":3}`},
		"q20": {`"bid_extra":"c<",` + won + `"auction_date_time":"1970-01-01T00:00:01.000Z",` +
			`"expires":"1970-01-01T00:00:20.000Z","seller":1,"category":10,"auction_extra":"x"}`},
		"q21": {`"channel":"GooGle","channel_id":"1"}`, `"channel":"z","channel_id":"5"}`,
			`"channel":"Z","channel_id":""}`},
		"q22": {`"dir1":"a","dir2":"b","dir3":null}`, `"dir1":"d","dir2":"e","dir3":"f"}`,
			`"dir1":null,"dir2":null,"dir3":null}`},
	} {
		check(t, name, want)
	}
}

// rowsOfFew are how many rows there are of few.
var rowsOfFew = map[string]int{
	"q0": 5, "q1": 5, "q2": 3, "q3": 1, "q4": 1, "q5": 20, "q6": 2, "q7": 4, "q8": 1, "q9": 2,
	"q10": 5, "q11": 3, "q12": 2, "q13": 5, "q14": 1, "q15": 2, "q16": 4, "q17": 3, "q18": 4,
	"q19": 5, "q20": 4, "q21": 3, "q22": 5,
}

func check(t *testing.T, name string, want []string) {
	t.Helper()
	q, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := q.Lines(few, Defaults())
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != rowsOfFew[name] {
		t.Errorf("%s: got %d rows, want %d:\n%s", name, len(rows), rowsOfFew[name], rows)
	}
	for _, part := range want {
		if !slices.ContainsFunc(rows, func(r string) bool { return strings.Contains(r, part) }) {
			t.Errorf("%s: got rows\n%s\nwant %s in one", name, rows, part)
		}
	}
}

func TestAllHaveATest(t *testing.T) {
	for _, q := range All() {
		if rowsOfFew[q.Name] == 0 {
			t.Errorf("%s: no rows are known", q.Name)
		}
	}
	if _, err := Find("q23"); err == nil {
		t.Error("got no error for q23")
	}
}

// TestSessionBound has bids just before and just when a session ends.
func TestSessionBound(t *testing.T) {
	for at, want := range map[event.Time]int{9_999: 1, 10_000: 2} {
		events := []event.Event{aBid(at, 1, 1, 1, ""), aBid(0, 1, 1, 1, "")}
		if got := len(Q11(events, Defaults())); got != want {
			t.Errorf("bids at 0 and %d ms: got %d sessions, want %d", at, got, want)
		}
	}
}

// TestLastSales leaves out the sales whose bids were made first, though their
// auctions ended last, and bids that came when auctions were closed.
func TestLastSales(t *testing.T) {
	var events []event.Event
	for id := range event.Time(12) {
		events = append(events, anAuction(0, 100-id, int64(id), 1),
			aBid(id, int64(id), 1, int64(100+10*id), ""), aBid(101, int64(id), 1, 900, ""))
	}
	want := []SellerAverage{{Seller: 1, AvgPrice: 165}} // 120, 130, … 210
	if got := Q6(events, Defaults()); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
