package generate

import (
	"fmt"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// A Generator makes the events of a stream, or of a part of it, in order. One
// goroutine uses it.
type Generator struct {
	cfg      Config
	part     part
	pos      int64
	channels *channels
	text     text
	people   []event.Person // room for the next ones
	auctions []event.Auction
}

// New returns a generator of the first n events, or of all of them if n is
// negative.
func New(cfg Config, n int64) (*Generator, error) {
	cfg, err := cfg.resolved()
	if err != nil {
		return nil, err
	}
	if n, err = checked(n); err != nil {
		return nil, err
	}
	return newGenerator(cfg, newPart(&cfg, n, 0, 1)), nil
}

// checked is the number of events that n stands for.
func checked(n int64) (int64, error) {
	if n > maxEvents {
		return 0, fmt.Errorf("configure the generator: %d events are more than %d",
			n, int64(maxEvents))
	} else if n < 0 {
		n = maxEvents
	}
	return n, nil
}

// newGenerator takes a configuration that has been resolved.
func newGenerator(cfg Config, p part) *Generator {
	return &Generator{cfg: cfg, part: p, channels: channelTable()}
}

// Fill makes the next events, which share memory but for dst itself, and
// returns how many: fewer than there is room for at the end.
func (g *Generator) Fill(dst []event.Event) int { return g.fill(dst, g.part.end) }

// fill is Fill up to a position.
func (g *Generator) fill(dst []event.Event, end int64) (n int) {
	for ; n < len(dst) && g.pos < end; g.pos++ {
		number, ok := g.part.at(&g.cfg, g.pos)
		if !ok {
			continue
		}
		g.make(&dst[n], number)
		n++
		if len(g.text.buf) >= chunkBytes {
			g.text.flush()
		}
	}
	g.text.flush()
	return n
}

// make sets e to the event with a number. Its text follows with the flush.
func (g *Generator) make(e *event.Event, number int64) {
	id := g.cfg.id(number)
	r := newRandom(uint64(id))
	if g.cfg.Seed != 0 {
		r.state = mix(mix(g.cfg.Seed)^uint64(id)) & mask
	}
	*e = event.Event{Seq: number}
	switch rest := id % all; {
	case rest < people:
		e.Kind, e.Person = event.PersonKind, g.newPerson()
		g.person(e.Person, id, &r)
	case rest < people+auctions:
		e.Kind, e.Auction = event.AuctionKind, g.newAuction()
		g.auction(e.Auction, id, &r)
	default:
		e.Kind = event.BidKind
		g.bid(&e.Bid, id, &r)
	}
}

// chunkEvents is how many people or auctions share one allocation.
const chunkEvents = 16

func (g *Generator) newPerson() *event.Person {
	if len(g.people) == 0 {
		g.people = make([]event.Person, chunkEvents)
	}
	p := &g.people[0]
	g.people = g.people[1:]
	return p
}

func (g *Generator) newAuction() *event.Auction {
	if len(g.auctions) == 0 {
		g.auctions = make([]event.Auction, chunkEvents)
	}
	a := &g.auctions[0]
	g.auctions = g.auctions[1:]
	return a
}
