package query

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Located is a row of q22: a bid with the directories in its URL.
type Located struct {
	Auction int64  `json:"auction"`
	Bidder  int64  `json:"bidder"`
	Price   int64  `json:"price"`
	Channel string `json:"channel"`
	Dir1    Dir    `json:"dir1"`
	Dir2    Dir    `json:"dir2"`
	Dir3    Dir    `json:"dir3"`
}

// Dir is a part of a URL that may be missing.
type Dir struct {
	Name  string
	Known bool
}

// MarshalJSON writes null for a missing part. It leaves "<" and its like as
// they are, as the sink does in other fields.
func (d Dir) MarshalJSON() ([]byte, error) {
	if !d.Known {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(d.Name)
	return b.Bytes(), err
}

// Q22 finds the directories in each bid's URL.
func Q22(events Events, _ Settings) dataflow.Stream[Located] {
	bids := dataflow.FilterMap(events, "bids", bid)
	return dataflow.Map(bids, "locate", func(b event.Bid) Located {
		d := directories(b.URL)
		return Located{b.Auction, b.Bidder, b.Price, b.Channel, d[0], d[1], d[2]}
	})
}

// directories are the parts of a URL from the fourth on, between slashes: the
// first three are the scheme, nothing and the host.
func directories(url string) (dirs [3]Dir) {
	i := -3
	for part := range strings.SplitSeq(url, "/") {
		if i >= len(dirs) {
			break
		}
		if i >= 0 {
			dirs[i] = Dir{part, true}
		}
		i++
	}
	return dirs
}
