package generate

import (
	"fmt"
	"math"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Config describes a stream. Fields that are zero stand for Beam's defaults,
// so that Config{} is the benchmark's own stream.
type Config struct {
	// Seed picks one of the streams; 0 is Beam's. See the package comment for
	// how the others differ.
	Seed uint64
	// Start is the time of event 0; the default is 2015-07-15 00:00 UTC.
	Start event.Time
	// Rate is how many events there are in a second of event time; the
	// default is 10,000.
	Rate int64
	// Pace is when events leave, by the wall clock; the default is FlatOut.
	Pace Pace
	// Splits is the number of parts that a source deals the events to in
	// turn; the default is 16. It must not change between runs on one state
	// directory.
	Splits int

	// PersonBytes, AuctionBytes and BidBytes are the average sizes that
	// events are brought to by text of no meaning; the defaults are 200, 500
	// and 100. A bid's channel and URL come on top.
	PersonBytes, AuctionBytes, BidBytes int
	// HotSellers, HotAuctions and HotBidders are ratios: all but one of that
	// many auctions are a hot seller's, and all but one of that many bids are
	// for a hot auction and a hot bidder's. The defaults are 4, 2 and 4.
	HotSellers, HotAuctions, HotBidders int
	// OpenAuctions is how many of the latest auctions bids are for, and
	// ActivePeople how many of the latest people sell and bid, as far as they
	// are not hot. The defaults are 100 and 1000.
	OpenAuctions, ActivePeople int

	// Shuffle is the number of events that come in mixed order, then the next
	// as many, and so on; the default, 1, is the order of time. It may not be
	// a multiple of 953.
	Shuffle int64
	// Late is the share of events that come late, by one to eight eighths of
	// Delay in event time; the default is none, and 3 seconds if there are.
	Late  float64
	Delay time.Duration
}

const (
	second      = 1000                      // in milliseconds
	beamStart   = event.Time(1436918400000) // 2015-07-15T00:00:00Z
	maxRate     = 1_000_000_000
	maxEvents   = 1 << 50
	maxSplits   = 1 << 16
	maxBytes    = 64 << 10
	maxRatio    = 1 << 20
	maxShuffle  = 1 << 30
	maxDelay    = 24 * time.Hour
	maxDelayed  = 1 << 26 // events
	shuffleStep = 953
)

// limits are what a whole number of the configuration may be.
type limits struct {
	name            string
	field           *int
	byDefault, most int
}

// resolved fills in the defaults and checks the rest.
func (c Config) resolved() (Config, error) {
	for _, l := range []limits{
		{"Splits", &c.Splits, 16, maxSplits},
		{"PersonBytes", &c.PersonBytes, 200, maxBytes},
		{"AuctionBytes", &c.AuctionBytes, 500, maxBytes},
		{"BidBytes", &c.BidBytes, 100, maxBytes},
		{"HotSellers", &c.HotSellers, 4, maxRatio},
		{"HotAuctions", &c.HotAuctions, 2, maxRatio},
		{"HotBidders", &c.HotBidders, 4, maxRatio},
		{"OpenAuctions", &c.OpenAuctions, 100, maxRatio},
		{"ActivePeople", &c.ActivePeople, 1000, maxRatio},
	} {
		if *l.field == 0 {
			*l.field = l.byDefault
		}
		if *l.field < 1 || *l.field > l.most {
			return c, fmt.Errorf("configure the generator: %s is %d, not between 1 and %d",
				l.name, *l.field, l.most)
		}
	}
	return c.timed()
}

// timed fills in and checks what says when events come.
func (c Config) timed() (Config, error) {
	if c.Start == 0 {
		c.Start = beamStart
	}
	if c.Rate == 0 {
		c.Rate = 10_000
	}
	if c.Shuffle == 0 {
		c.Shuffle = 1
	}
	if c.Delay == 0 {
		c.Delay = 3 * time.Second
	}
	var wrong string
	switch {
	case c.Start < 0 || c.Start > math.MaxInt64/1_000_000/2:
		wrong = fmt.Sprintf("Start is %d, not between 1970 and 2116", c.Start)
	case c.Rate < 1 || c.Rate > maxRate:
		wrong = fmt.Sprintf("Rate is %d, not between 1 and %d", c.Rate, maxRate)
	case c.Pace < FlatOut || c.Pace > OnTime:
		wrong = fmt.Sprintf("no Pace has the number %d", c.Pace)
	case c.Shuffle < 1 || c.Shuffle > maxShuffle || c.Shuffle%shuffleStep == 0:
		wrong = fmt.Sprintf("Shuffle is %d, not between 1 and %d or a multiple of %d",
			c.Shuffle, maxShuffle, shuffleStep)
	case !(c.Late >= 0 && c.Late <= 1):
		wrong = fmt.Sprintf("Late is %v, not a share", c.Late)
	case c.Delay < 0 || c.Delay > maxDelay:
		wrong = fmt.Sprintf("Delay is %v, not between 0 and %v", c.Delay, maxDelay)
	case c.Late > 0 && c.delayed() > maxDelayed:
		wrong = fmt.Sprintf("Delay is %v, or %d events, more than %d", c.Delay, c.delayed(), maxDelayed)
	default:
		return c, nil
	}
	return c, fmt.Errorf("configure the generator: %s", wrong)
}

// Disorder is how much older than one that came before it in its split an
// event can be: the least disorder with which no event is late.
func (c Config) Disorder() time.Duration {
	c, err := c.resolved()
	if err != nil {
		return 0 // the generator reports it
	}
	d := time.Duration(c.at(c.Shuffle-1)-c.Start) * time.Millisecond
	if c.Late > 0 {
		d += d + c.Delay // both events may be out of place
	}
	if d > 0 {
		d += time.Millisecond // two times are cut down to milliseconds
	}
	return d
}

// at is the event time of the event with an id.
func (c *Config) at(id int64) event.Time { return c.Start + event.Time(id*second/c.Rate) }

// due is how many of the events 0, 1, … have times up to t.
func (c *Config) due(t event.Time) int64 {
	if t < c.Start {
		return 0
	}
	passed := min(int64(t-c.Start)+1, math.MaxInt64/c.Rate)
	return (passed*c.Rate-1)/second + 1
}

// id is the number of the event whose place number has in the stream.
func (c *Config) id(number int64) int64 {
	if c.Shuffle == 1 {
		return number
	}
	in := number % c.Shuffle
	return number - in + number*shuffleStep%c.Shuffle
}
