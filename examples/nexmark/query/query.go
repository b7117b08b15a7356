package query

import (
	"fmt"

	"github.com/flyball-stream/flyball/dataflow"
)

// A Query is one of the benchmark's questions. The zero Query is none; get
// one from [All] or [Find].
type Query struct {
	Name  string // q0 to q22
	Title string // what it asks
	add   func(Query, Events, Settings, Output)
}

// All are the queries, in order of their numbers. The caller owns the slice.
func All() []Query {
	return []Query{
		{"q0", "bids as they are", appends(Q0)},
		{"q1", "bids in euros", appends(Q1)},
		{"q2", "bids for some auctions", appends(Q2)},
		{"q3", "who sells in a category in some states", appends(Q3)},
		{"q4", "average price of a category", upserts(Q4, CategoryPrice.key)},
		{"q5", "auctions with most bids", appends(Q5)},
		{"q6", "average price of a seller's last sales", upserts(Q6, SellerPrice.key)},
		{"q7", "highest bids", appends(Q7)},
		{"q8", "new people who sell", appends(Q8)},
		{"q9", "winning bids", upserts(Q9, WinningBid.key)},
		{"q10", "bids in a directory for each minute", writeFiled},
		{"q11", "bids of each bidder by session", appends(Q11)},
		{"q12", "bids of each bidder by the clock", appends(Q12)},
		{"q13", "bids with rows of a side table", appends(Q13)},
		{"q14", "bids in a range of prices", appends(Q14)},
		{"q15", "report on each day", upserts(Q15, DayReport.key)},
		{"q16", "report on each channel and day", upserts(Q16, ChannelReport.key)},
		{"q17", "bids for each auction by day", upserts(Q17, AuctionDay.key)},
		{"q18", "last bid of each bidder for each auction", upserts(Q18, pairOf)},
		{"q19", "highest bids for each auction", upserts(Q19, RankedBid.key)},
		{"q20", "bids in a category with their auctions", appends(Q20)},
		{"q21", "bids with the ids of channels", appends(Q21)},
		{"q22", "bids with the directories of URLs", appends(Q22)},
	}
}

// Find returns the query with a name.
func Find(name string) (Query, error) {
	for _, q := range All() {
		if q.Name == name {
			return q, nil
		}
	}
	return Query{}, fmt.Errorf("there is no query %q; they are q0 to q22", name)
}

// Add adds the query's steps to the flow of events. Steps of the caller must
// have other names.
func (q Query) Add(events Events, s Settings, to Output) {
	if err := s.check(); err != nil {
		events.Graph().Fail(q.Name, err)
	}
	q.add(q, events, s, to)
}

// A body is the steps of a query.
type body[R any] = func(Events, Settings) dataflow.Stream[R]

// appends is for queries whose rows stay as they are.
func appends[R any](rows body[R]) func(Query, Events, Settings, Output) {
	return func(q Query, events Events, s Settings, to Output) { write(rows(events, s), q, to) }
}

// upserts is for queries with rows that replace earlier ones of the same key.
func upserts[R any, K comparable](
	rows body[R], key func(R) K,
) func(Query, Events, Settings, Output) {
	return func(q Query, events Events, s Settings, to Output) {
		out := rows(events, s)
		if to.Final {
			out = dataflow.Latest(out, "final", key, dataflow.AtEnd())
		}
		write(out, q, to)
	}
}
