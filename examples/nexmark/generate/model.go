package generate

import (
	"strings"

	"github.com/flyball-stream/flyball/examples/nexmark/event"
)

// Of every fifty events the first is a person and the next three are auctions.
const (
	people   = 1
	auctions = 3
	all      = people + auctions + 46
)

const (
	firstPerson   = 1000
	firstAuction  = 1000
	firstCategory = 10
	categories    = 5

	idsAhead = 10  // people and auctions are referred to this much before they appear
	hotBatch = 100 // of that many people or auctions one is hot
)

var (
	states = strings.Split("AZ,CA,ID,OR,WA,WY", ",")
	cities = strings.Split("Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,"+
		"Seattle,Kent,Cheyenne", ",")
	firstNames = strings.Split("Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter", ",")
	lastNames  = strings.Split("Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris", ",")
)

// person fills in the person that event id is about.
func (g *Generator) person(p *event.Person, id int64, r *random) {
	t := &g.text
	start := len(t.buf)
	t.buf = append(t.buf, firstNames[r.below(int32(len(firstNames)))]...)
	t.buf = append(t.buf, ' ')
	t.buf = append(t.buf, lastNames[r.below(int32(len(lastNames)))]...)
	t.keep(&p.Name, start)
	from := len(t.buf)
	t.word(r, 7, ' ')
	t.buf = append(t.buf, '@')
	t.word(r, 5, ' ')
	t.buf = append(t.buf, ".com"...)
	t.keep(&p.EmailAddress, from)
	from = len(t.buf)
	t.creditCard(r)
	t.keep(&p.CreditCard, from)
	p.ID, p.DateTime = lastPerson(id)+firstPerson, g.cfg.at(id)
	p.City = cities[r.below(int32(len(cities)))]
	p.State = states[r.below(int32(len(states)))]
	from = len(t.buf)
	t.extra(r, 8+(from-start)+len(p.City)+len(p.State), g.cfg.PersonBytes)
	t.keep(&p.Extra, from)
}

// creditCard appends four groups of four digits.
func (t *text) creditCard(r *random) {
	for i := range 4 {
		if i > 0 {
			t.buf = append(t.buf, ' ')
		}
		n := r.below(10_000)
		t.buf = append(t.buf,
			byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
}

// auction fills in the auction that event id is about.
func (g *Generator) auction(a *event.Auction, id int64, r *random) {
	a.ID, a.DateTime = lastAuction(id)+firstAuction, g.cfg.at(id)
	if r.intn(int32(g.cfg.HotSellers)) > 0 {
		a.Seller = lastPerson(id) / hotBatch * hotBatch
	} else {
		a.Seller = g.anyPerson(id, r)
	}
	a.Seller += firstPerson
	a.Category = firstCategory + int64(r.below(categories))
	a.InitialBid = price(r)
	a.Expires = a.DateTime + g.lifetime(id, r)
	t := &g.text
	start := len(t.buf)
	t.word(r, 20, ' ')
	t.keep(&a.ItemName, start)
	from := len(t.buf)
	t.word(r, 100, ' ')
	t.keep(&a.Description, from)
	a.Reserve = a.InitialBid + price(r)
	from = len(t.buf)
	t.extra(r, 6*8+(from-start), g.cfg.AuctionBytes)
	t.keep(&a.Extra, from)
}

// lifetime draws how long an auction is open: on average until as many others
// have opened as are open at a time.
func (g *Generator) lifetime(id int64, r *random) event.Time {
	later := id + int64(g.cfg.OpenAuctions)*all/auctions
	horizon := int64(g.cfg.at(later) - g.cfg.at(id))
	return event.Time(1 + r.int64n(max(2*horizon, 1)))
}

// bid fills in the bid that event id is about. The channel is drawn last, so
// that the rest is Beam's.
func (g *Generator) bid(b *event.Bid, id int64, r *random) {
	if last := lastAuction(id); r.intn(int32(g.cfg.HotAuctions)) > 0 {
		b.Auction = last / hotBatch * hotBatch
	} else {
		first := max(last-int64(g.cfg.OpenAuctions), 0)
		b.Auction = first + r.int64n(last-first+1+idsAhead)
	}
	b.Auction += firstAuction
	if r.intn(int32(g.cfg.HotBidders)) > 0 {
		b.Bidder = lastPerson(id)/hotBatch*hotBatch + 1
	} else {
		b.Bidder = g.anyPerson(id, r)
	}
	b.Bidder += firstPerson
	b.Price = price(r)
	b.DateTime = g.cfg.at(id)
	from := len(g.text.buf)
	g.text.extra(r, 4*8, g.cfg.BidBytes)
	g.text.keep(&b.Extra, from)
	c := g.channels.pick(r)
	b.Channel, b.URL = c.name, c.url
}

// anyPerson draws one of the people who are active, or soon will be.
func (g *Generator) anyPerson(id int64, r *random) int64 {
	known := lastPerson(id) + 1
	active := min(known, int64(g.cfg.ActivePeople))
	return known - active + r.int64n(active+idsAhead)
}

// lastPerson is the number of the latest person at event id.
func lastPerson(id int64) int64 { return id/all*people + min(id%all, people-1) }

// lastAuction is the number of the latest auction at event id, an auction or
// bid.
func lastAuction(id int64) int64 {
	return id/all*auctions + min(id%all-people, auctions-1)
}
