package event

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A decoder reads events from lines in one pass, of which the kind must come
// first. It gives up on whatever is unusual: numbers that are not plain
// integers, null, values in other values, surrogates.
type decoder struct {
	line  []byte
	pos   int
	seen  uint // the fields so far that must not be missing
	chunk int  // bytes of text that share one allocation
	kept  strings.Builder
	date  string // the last one, and its midnight
	start Time
}

// chunkBytes is as much as in package generate, for the same reasons.
const chunkBytes = 4 << 10

// newDecoder returns the function that a reader decodes with.
func newDecoder() func(line []byte, e *Event) error {
	d := &decoder{chunk: chunkBytes}
	return d.decode
}

// The fields that must not be missing, by kind.
const (
	sawID = 1 << iota
	sawDateTime
	sawExpires
	sawInitialBid
	sawReserve
	sawSeller
	sawCategory
	sawAuction
	sawBidder
	sawPrice
)

var required = [...]uint{
	PersonKind: sawID | sawDateTime,
	AuctionKind: sawID | sawDateTime | sawExpires | sawInitialBid | sawReserve | sawSeller |
		sawCategory,
	BidKind: sawAuction | sawBidder | sawPrice | sawDateTime,
}

// fast sets e, which is zero, or gives up.
func (d *decoder) fast(line []byte, e *Event) bool {
	d.line, d.pos, d.seen = line, 0, 0
	if d.kept.Cap()-d.kept.Len() < len(line) {
		d.kept = strings.Builder{}
		d.kept.Grow(max(d.chunk, len(line)))
	}
	if !d.kind(e) {
		return false
	}
	for d.next(',') {
		if key, ok := d.plain(); !ok || !d.next(':') || !d.field(e, key) {
			return false
		}
	}
	if !d.next('}') || d.seen != required[e.Kind] {
		return false
	}
	d.spaces()
	return d.pos == len(line)
}

func (d *decoder) kind(e *Event) bool {
	if !d.next('{') {
		return false
	}
	if key, ok := d.plain(); !ok || string(key) != "kind" || !d.next(':') {
		return false
	}
	kind, ok := d.plain()
	if ok {
		_, ok = e.begin(string(kind))
	}
	return ok
}

func (d *decoder) field(e *Event, key []byte) bool {
	switch e.Kind {
	case PersonKind:
		return d.person(e.Person, key)
	case AuctionKind:
		return d.auction(e.Auction, key)
	}
	return d.bid(&e.Bid, key)
}

func (d *decoder) person(p *Person, key []byte) bool {
	switch string(key) {
	case "id":
		return d.integer(&p.ID, sawID)
	case "name":
		return d.text(&p.Name)
	case "email_address":
		return d.text(&p.EmailAddress)
	case "credit_card":
		return d.text(&p.CreditCard)
	case "city":
		return d.text(&p.City)
	case "state":
		return d.text(&p.State)
	case "date_time":
		return d.time(&p.DateTime, sawDateTime)
	case "extra":
		return d.text(&p.Extra)
	}
	return d.skip(key)
}

func (d *decoder) auction(a *Auction, key []byte) bool {
	switch string(key) {
	case "id":
		return d.integer(&a.ID, sawID)
	case "item_name":
		return d.text(&a.ItemName)
	case "description":
		return d.text(&a.Description)
	case "initial_bid":
		return d.integer(&a.InitialBid, sawInitialBid)
	case "reserve":
		return d.integer(&a.Reserve, sawReserve)
	case "date_time":
		return d.time(&a.DateTime, sawDateTime)
	case "expires":
		return d.time(&a.Expires, sawExpires)
	case "seller":
		return d.integer(&a.Seller, sawSeller)
	case "category":
		return d.integer(&a.Category, sawCategory)
	case "extra":
		return d.text(&a.Extra)
	}
	return d.skip(key)
}

func (d *decoder) bid(b *Bid, key []byte) bool {
	switch string(key) {
	case "auction":
		return d.integer(&b.Auction, sawAuction)
	case "bidder":
		return d.integer(&b.Bidder, sawBidder)
	case "price":
		return d.integer(&b.Price, sawPrice)
	case "channel":
		return d.text(&b.Channel)
	case "url":
		return d.text(&b.URL)
	case "date_time":
		return d.time(&b.DateTime, sawDateTime)
	case "extra":
		return d.text(&b.Extra)
	}
	return d.skip(key)
}

// skip passes over the plain value of a field that means nothing.
func (d *decoder) skip(key []byte) bool {
	d.spaces()
	switch {
	case string(key) == "kind":
		return false // once more
	case d.pos < len(d.line) && d.line[d.pos] == '"':
		var s string
		return d.text(&s)
	}
	var n int64
	return d.integer(&n, 0)
}

func (d *decoder) spaces() {
	for d.pos < len(d.line) && (d.line[d.pos] == ' ' || d.line[d.pos] == '\t') {
		d.pos++
	}
}

// next passes over a character that is expected.
func (d *decoder) next(c byte) bool {
	d.spaces()
	if d.pos == len(d.line) || d.line[d.pos] != c {
		return false
	}
	d.pos++
	return true
}

// plain reads a string without escapes, of ASCII, and returns a part of the
// line.
func (d *decoder) plain() ([]byte, bool) {
	if !d.next('"') {
		return nil, false
	}
	for i := d.pos; i < len(d.line); i++ {
		if special[d.line[i]] {
			s := d.line[d.pos:i]
			d.pos = i + 1
			return s, d.line[i] == '"'
		}
	}
	return nil, false
}

// text reads a string.
func (d *decoder) text(to *string) bool {
	if !d.next('"') {
		return false
	}
	start, from, wide := d.kept.Len(), d.pos, false
	for i := d.pos; i < len(d.line); i++ {
		c := d.line[i]
		switch {
		case !special[c]:
		case c == '"':
			d.kept.Write(d.line[from:i])
			d.pos = i + 1
			*to = d.kept.String()[start:]
			return !wide || utf8.ValidString(*to)
		case c == '\\':
			d.kept.Write(d.line[from:i])
			if i = d.escaped(i + 1); i < 0 {
				return false
			}
			from = i + 1
		case c < ' ':
			return false
		default:
			wide = true
		}
	}
	return false
}

// escapes are the characters that one after a backslash stands for.
var escapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escaped keeps what follows a backslash and returns where it ends, or -1.
func (d *decoder) escaped(i int) int {
	if i >= len(d.line) {
		return -1
	}
	if c := escapes[d.line[i]]; c != 0 {
		d.kept.WriteByte(c)
		return i
	}
	if d.line[i] != 'u' || i+4 >= len(d.line) {
		return -1
	}
	r, err := strconv.ParseUint(string(d.line[i+1:i+5]), 16, 16)
	if err != nil || !utf8.ValidRune(rune(r)) {
		return -1
	}
	d.kept.WriteRune(rune(r))
	return i + 4
}

// integer reads a number of at most 18 digits.
func (d *decoder) integer(to *int64, field uint) bool {
	d.seen |= field
	minus := d.next('-')
	if !minus {
		d.spaces()
	}
	start, n := d.pos, int64(0)
	for d.pos < len(d.line) && d.line[d.pos]-'0' <= 9 {
		n = n*10 + int64(d.line[d.pos]-'0')
		d.pos++
	}
	if minus {
		n = -n
	}
	*to = n
	digits := d.pos - start
	return digits > 0 && digits <= 18 && (digits == 1 || d.line[start] != '0')
}

// time reads a string that is a time.
func (d *decoder) time(to *Time, field uint) bool {
	d.seen |= field
	b, ok := d.plain()
	return ok && (d.usual(b, to) || to.UnmarshalText(b) == nil)
}

// usual reads a time with milliseconds in UTC, as all are that events are
// written with.
func (d *decoder) usual(b []byte, to *Time) bool {
	iso := len(b) == len("2006-01-02T15:04:05.000Z") && b[10] == 'T' && b[23] == 'Z'
	sql := len(b) == len(sqlLayout) && b[10] == ' '
	if !iso && !sql || b[13] != ':' || b[16] != ':' || b[19] != '.' {
		return false
	}
	if string(b[:10]) != d.date {
		day, err := time.Parse(time.DateOnly, string(b[:10]))
		if err != nil {
			return false
		}
		d.date, d.start = string(b[:10]), TimeOf(day)
	}
	hour, minute, second := digits(b[11:13]), digits(b[14:16]), digits(b[17:19])
	ms := digits(b[20:23])
	*to = d.start + ((hour*60+minute)*60+second)*1000 + ms
	return hour < 24 && minute < 60 && second < 60 && ms < 1000
}

// digits is a number of digits only, or more than any.
func digits(b []byte) (n Time) {
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 1 << 30
		}
		n = n*10 + Time(c)
	}
	return n
}
