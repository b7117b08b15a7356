package event

// Kind tells what an event is about.
type Kind uint8

// The kinds of events.
const (
	PersonKind Kind = iota + 1
	AuctionKind
	BidKind
)

// Event is one record of the stream. Bids are nine of ten events and stand in
// the event itself; of the others there is a pointer, which is never changed
// once the event is made.
type Event struct {
	Kind    Kind
	Seq     int64 // place in the stream: the smaller came first
	Bid     Bid
	Auction *Auction
	Person  *Person
}

// Person registers.
type Person struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	EmailAddress string `json:"email_address"`
	CreditCard   string `json:"credit_card"`
	City         string `json:"city"`
	State        string `json:"state"`
	DateTime     Time   `json:"date_time"`
	Extra        string `json:"extra"`
}

// Auction offers an item until it expires.
type Auction struct {
	ID          int64  `json:"id"`
	ItemName    string `json:"item_name"`
	Description string `json:"description"`
	InitialBid  int64  `json:"initial_bid"`
	Reserve     int64  `json:"reserve"`
	DateTime    Time   `json:"date_time"`
	Expires     Time   `json:"expires"`
	Seller      int64  `json:"seller"`
	Category    int64  `json:"category"`
	Extra       string `json:"extra"`
}

// Bid is an offer for an auction's item.
type Bid struct {
	Auction  int64  `json:"auction"`
	Bidder   int64  `json:"bidder"`
	Price    int64  `json:"price"`
	Channel  string `json:"channel"`
	URL      string `json:"url"`
	DateTime Time   `json:"date_time"`
	Extra    string `json:"extra"`
}

// At is the event's own time.
func (e *Event) At() Time {
	switch e.Kind {
	case PersonKind:
		return e.Person.DateTime
	case AuctionKind:
		return e.Auction.DateTime
	}
	return e.Bid.DateTime
}
