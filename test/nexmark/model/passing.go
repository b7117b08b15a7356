package model

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Bid is a row of q0 and q7.
type Bid struct {
	Auction  int64  `json:"auction"`
	Bidder   int64  `json:"bidder"`
	Price    int64  `json:"price"`
	DateTime Stamp  `json:"date_time"`
	Extra    string `json:"extra"`
}

func row(b bid) Bid { return Bid{b.Auction, b.Bidder, b.Price, Stamp(b.DateTime), b.Extra} }

// Q0 is the bids.
func Q0(events []event.Event, _ Options) (rows []Bid) {
	for _, b := range bids(events) {
		rows = append(rows, row(b))
	}
	return rows
}

// Euro is a row of q1.
type Euro struct {
	Auction  int64       `json:"auction"`
	Bidder   int64       `json:"bidder"`
	Price    json.Number `json:"price"` // three decimals
	DateTime Stamp       `json:"date_time"`
	Extra    string      `json:"extra"`
}

// mills is 0.908 times a price, in thousandths.
func mills(price int64) int64 { return price * 908 }

// decimal writes an amount that is 0 or more.
func decimal(mills int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", mills/1000, mills%1000))
}

// Q1 is the bids in euros.
func Q1(events []event.Event, _ Options) (rows []Euro) {
	for _, b := range bids(events) {
		rows = append(rows,
			Euro{b.Auction, b.Bidder, decimal(mills(b.Price)), Stamp(b.DateTime), b.Extra})
	}
	return rows
}

// Offer is a row of q2.
type Offer struct {
	Auction int64 `json:"auction"`
	Price   int64 `json:"price"`
}

// Q2 is the bids for every 123rd auction.
func Q2(events []event.Event, o Options) (rows []Offer) {
	for _, b := range bids(events) {
		if b.Auction%o.Modulus == 0 {
			rows = append(rows, Offer{b.Auction, b.Price})
		}
	}
	return rows
}

// Filed is a row of q10.
type Filed struct {
	Auction  int64  `json:"auction"`
	Bidder   int64  `json:"bidder"`
	Price    int64  `json:"price"`
	DateTime Stamp  `json:"date_time"`
	Extra    string `json:"extra"`
	Day      string `json:"dt"`
	Minute   string `json:"hm"`
}

// Q10 is the bids with the names of their partition.
func Q10(events []event.Event, _ Options) (rows []Filed) {
	for _, b := range bids(events) {
		rows = append(rows, Filed{b.Auction, b.Bidder, b.Price, Stamp(b.DateTime), b.Extra,
			day(b), minute(b)})
	}
	return rows
}

// Looked is a row of q13.
type Looked struct {
	Auction  int64  `json:"auction"`
	Bidder   int64  `json:"bidder"`
	Price    int64  `json:"price"`
	DateTime Stamp  `json:"date_time"`
	Value    string `json:"value"`
}

// Q13 is the bids joined with the side table.
func Q13(events []event.Event, o Options) (rows []Looked) {
	for _, b := range bids(events) {
		if value, ok := o.Side[b.Auction%o.SideKeys]; ok {
			rows = append(rows, Looked{b.Auction, b.Bidder, b.Price, Stamp(b.DateTime), value})
		}
	}
	return rows
}

// Dear is a row of q14.
type Dear struct {
	Auction     int64       `json:"auction"`
	Bidder      int64       `json:"bidder"`
	Price       json.Number `json:"price"`
	BidTimeType string      `json:"bid_time_type"`
	DateTime    Stamp       `json:"date_time"`
	Extra       string      `json:"extra"`
	CCounts     int         `json:"c_counts"`
}

// Q14 is the bids between one and fifty million euros.
func Q14(events []event.Event, _ Options) (rows []Dear) {
	for _, b := range bids(events) {
		if euros := mills(b.Price); euros > 1_000_000_000 && euros < 50_000_000_000 {
			rows = append(rows, Dear{b.Auction, b.Bidder, decimal(euros), timeType(b),
				Stamp(b.DateTime), b.Extra, strings.Count(b.Extra, "c")})
		}
	}
	return rows
}

func timeType(b bid) string {
	hour := Stamp(b.DateTime).format("15")
	if hour >= "08" && hour <= "18" {
		return "dayTime"
	}
	if hour <= "06" || hour >= "20" {
		return "nightTime"
	}
	return "otherTime"
}

// Channel is a row of q21.
type Channel struct {
	Auction   int64  `json:"auction"`
	Bidder    int64  `json:"bidder"`
	Price     int64  `json:"price"`
	Channel   string `json:"channel"`
	ChannelID string `json:"channel_id"`
}

var (
	channelIDs = map[string]string{"apple": "0", "google": "1", "facebook": "2", "baidu": "3"}
	inURL      = regexp.MustCompile(`(&|^)channel_id=([^&]*)`)
)

// Q21 is the bids with an id of their channel.
func Q21(events []event.Event, _ Options) (rows []Channel) {
	for _, b := range bids(events) {
		id, ok := channelIDs[strings.ToLower(b.Channel)]
		if found := inURL.FindStringSubmatch(b.URL); !ok && found != nil {
			id, ok = found[2], true
		}
		if ok {
			rows = append(rows, Channel{b.Auction, b.Bidder, b.Price, b.Channel, id})
		}
	}
	return rows
}

// Directories is a row of q22. What the URL lacks is null.
type Directories struct {
	Auction int64   `json:"auction"`
	Bidder  int64   `json:"bidder"`
	Price   int64   `json:"price"`
	Channel string  `json:"channel"`
	Dir1    *string `json:"dir1"`
	Dir2    *string `json:"dir2"`
	Dir3    *string `json:"dir3"`
}

// Q22 is the bids with parts 3, 4 and 5 of their URL.
func Q22(events []event.Event, _ Options) (rows []Directories) {
	for _, b := range bids(events) {
		parts := strings.Split(b.URL, "/")
		part := func(i int) *string {
			if i < len(parts) {
				return &parts[i]
			}
			return nil
		}
		rows = append(rows,
			Directories{b.Auction, b.Bidder, b.Price, b.Channel, part(3), part(4), part(5)})
	}
	return rows
}
