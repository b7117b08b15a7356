package query

import (
	"strconv"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Enriched is a row of q13: a bid with what a table says of its auction.
type Enriched struct {
	Auction  int64      `json:"auction"`
	Bidder   int64      `json:"bidder"`
	Price    int64      `json:"price"`
	DateTime event.Time `json:"date_time"`
	Value    string     `json:"value"`
}

// Q13 looks each bid's auction up in a table from a file.
func Q13(events Events, s Settings) dataflow.Stream[Enriched] {
	bids := dataflow.FilterMap(events, "bids", bid)
	key := func(b event.Bid) int64 { return b.Auction % s.SideKeys }
	return dataflow.Lookup(bids, "look-up", s.side(), key, enrich)
}

func enrich(b event.Bid, row sideRow, found bool) (Enriched, bool) {
	return Enriched{b.Auction, b.Bidder, b.Price, b.DateTime, row.Value}, found
}

// sideRow is a line of the side file, which has no header: 7,seven.
type sideRow struct {
	Key   int64
	Value string
}

func (r sideRow) key() int64 { return r.Key }

// side is the table of q13: the file or, without one, the benchmark's, which
// has each key as the value, too.
func (s Settings) side() dataflow.Side[int64, sideRow] {
	if s.Side != "" {
		return file.SideCSV(s.Side, sideRow.key, file.NoHeader[sideRow]())
	}
	return dataflow.SideFunc[int64, sideRow](func() (map[int64]sideRow, error) {
		rows := make(map[int64]sideRow, s.SideKeys)
		for key := range s.SideKeys {
			rows[key] = sideRow{key, strconv.FormatInt(key, 10)}
		}
		return rows, nil
	})
}
