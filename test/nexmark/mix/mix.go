package mix

import (
	"math/rand/v2"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Disorder is by how much an event may be older than one that came before it:
// the delay of the benchmark's watermarks.
const Disorder = 4 * time.Second

// Events makes n events of the stream with a seed. Seq is the place in the
// slice.
func Events(seed uint64, n int) []event.Event {
	m := &mixer{Rand: rand.New(rand.NewPCG(seed, 1)), now: beginning}
	m.hot = m.IntN(3) > 0
	events := make([]event.Event, n)
	for i := range events {
		m.advance()
		events[i] = m.next()
		events[i].Seq = int64(i)
	}
	return events
}

// beginning is shortly before midnight: 2015-07-14T23:59:30Z.
const beginning = event.Time(1_436_918_370_000)

// mixer draws events one after the other.
type mixer struct {
	*rand.Rand
	now    event.Time // the latest time so far
	hot    bool       // many bids are for one auction, or of one bidder
	people int64      // as many ids have been drawn
	last   int64      // id of an auction
	lots   []*lot     // that bids are for
}

// A lot is what bids are for: an auction that has come, or one that is still
// to come and perhaps never does.
type lot struct {
	id             int64
	come           bool
	opens, expires event.Time
}

const second = event.Time(1000)

// advance moves time on: mostly by little or nothing, often to where windows
// begin, at times beyond sessions, seldom by hours.
func (m *mixer) advance() {
	switch n := m.IntN(1000); {
	case n < 450:
	case n < 800:
		m.now += event.Time(m.IntN(300))
	case n < 970:
		m.now += second - m.now%second
	case n < 985:
		m.now += 10 * second
	case n < 996:
		m.now += 11*second + event.Time(m.IntN(30_000))
	default:
		m.now += event.Time(m.IntN(9)) * 3600 * second
	}
}

const oldest = event.Time(Disorder / time.Millisecond)

// time is that of the next event: now, or up to Disorder ago.
func (m *mixer) time() event.Time {
	switch m.IntN(6) {
	case 0:
		return m.now - event.Time(m.Int64N(int64(oldest)+1))
	case 1:
		return m.now - oldest
	}
	return m.now
}

func (m *mixer) next() event.Event {
	switch n := m.IntN(20); {
	case n == 0:
		return event.Event{Kind: event.PersonKind, Person: m.person()}
	case n < 4:
		return event.Event{Kind: event.AuctionKind, Auction: m.auction()}
	}
	return event.Event{Kind: event.BidKind, Bid: m.bid()}
}

const firstID = 1000

// person registers. Some ids are left out: they never come.
func (m *mixer) person() *event.Person {
	m.people += 1 + int64(m.IntN(3)/2)
	return &event.Person{
		ID: firstID + m.people, Name: m.pick(texts), EmailAddress: "a@b", CreditCard: "1 2",
		City: m.pick(texts), State: m.pick(states), DateTime: m.time(), Extra: m.pick(texts),
	}
}

// somebody is one of the latest people or of the next.
func (m *mixer) somebody() int64 {
	if m.hot && m.IntN(2) == 0 {
		return firstID + 1
	}
	return firstID + max(0, m.people-8) + int64(m.IntN(12))
}

// auction opens. One that bids have been waiting for began as early as it may.
func (m *mixer) auction() *event.Auction {
	l := m.awaited()
	if l == nil {
		l = m.lot(m.IntN(4) == 0)
		l.opens = m.time()
	} else {
		l.opens = m.now - oldest
	}
	l.come = true
	l.expires = l.opens + lengths[m.IntN(len(lengths))]
	return &event.Auction{
		ID: l.id, ItemName: m.pick(texts), Description: m.pick(texts), InitialBid: 1,
		Reserve: prices[m.IntN(len(prices))], DateTime: l.opens, Expires: l.expires,
		Seller: m.somebody(), Category: 10 + int64(m.IntN(3)), Extra: m.pick(texts),
	}
}

// awaited is a lot whose auction has not come, or none.
func (m *mixer) awaited() *lot {
	for _, l := range m.lots {
		if !l.come && m.IntN(3) == 0 {
			return l
		}
	}
	return nil
}

// lotsAtOnce is how many auctions there are bids for at a time.
const lotsAtOnce = 12

// lot has the next id, which q2 selects more often than chance would. Nobody
// ever bids for a lot that is shunned.
func (m *mixer) lot(shunned bool) *lot {
	m.last++
	if m.IntN(8) == 0 {
		m.last += 123 - (firstID+m.last)%123
	}
	l := &lot{id: firstID + m.last}
	if !shunned {
		m.lots = append(m.lots[max(0, len(m.lots)-lotsAtOnce+1):], l)
	}
	return l
}

// bid is made.
func (m *mixer) bid() event.Bid {
	l := m.wanted()
	b := event.Bid{
		Auction: l.id, Bidder: m.somebody(), Price: prices[m.IntN(len(prices))],
		Channel: m.pick(channels), URL: m.pick(urls), DateTime: m.time(), Extra: m.pick(texts),
	}
	if m.IntN(8) == 0 {
		b.Price = m.Int64N(100_000_000)
	}
	bound := l.opens
	if m.IntN(2) == 0 {
		bound = l.expires
	}
	if l.come && bound >= m.now-oldest && bound <= m.now && m.IntN(2) == 0 {
		b.DateTime = bound
	}
	return b
}

// wanted is the lot that the next bid is for.
func (m *mixer) wanted() *lot {
	switch {
	case len(m.lots) == 0 || m.IntN(20) == 0:
		return m.lot(false)
	case m.hot && m.IntN(2) == 0:
		return m.lots[len(m.lots)-1]
	}
	return m.lots[m.IntN(len(m.lots))]
}

func (m *mixer) pick(from []string) string { return from[m.IntN(len(from))] }
