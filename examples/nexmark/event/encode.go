package event

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// String is the kind as files have it: person, auction or bid.
func (k Kind) String() string {
	if k < PersonKind || k > BidKind {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return [...]string{"person", "auction", "bid"}[k-PersonKind]
}

// MarshalJSON is the event as [Read] reads it, without its place in the stream.
func (e Event) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns.
func (e *Event) AppendJSON(b []byte) ([]byte, error) {
	switch {
	case e.Kind == PersonKind && e.Person != nil:
		return e.Person.appendJSON(b), nil
	case e.Kind == AuctionKind && e.Auction != nil:
		return e.Auction.appendJSON(b), nil
	case e.Kind == BidKind:
		return e.Bid.appendJSON(b), nil
	}
	return b, fmt.Errorf("encode event %d: there is no %v in it", e.Seq, e.Kind)
}

func (p *Person) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"kind":"person","id":`...), p.ID, 10)
	b = appendString(append(b, `,"name":`...), p.Name)
	b = appendString(append(b, `,"email_address":`...), p.EmailAddress)
	b = appendString(append(b, `,"credit_card":`...), p.CreditCard)
	b = appendString(append(b, `,"city":`...), p.City)
	b = appendString(append(b, `,"state":`...), p.State)
	b = appendTime(append(b, `,"date_time":`...), p.DateTime)
	b = appendString(append(b, `,"extra":`...), p.Extra)
	return append(b, '}')
}

func (a *Auction) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"kind":"auction","id":`...), a.ID, 10)
	b = appendString(append(b, `,"item_name":`...), a.ItemName)
	b = appendString(append(b, `,"description":`...), a.Description)
	b = strconv.AppendInt(append(b, `,"initial_bid":`...), a.InitialBid, 10)
	b = strconv.AppendInt(append(b, `,"reserve":`...), a.Reserve, 10)
	b = appendTime(append(b, `,"date_time":`...), a.DateTime)
	b = appendTime(append(b, `,"expires":`...), a.Expires)
	b = strconv.AppendInt(append(b, `,"seller":`...), a.Seller, 10)
	b = strconv.AppendInt(append(b, `,"category":`...), a.Category, 10)
	b = appendString(append(b, `,"extra":`...), a.Extra)
	return append(b, '}')
}

func (bid *Bid) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"kind":"bid","auction":`...), bid.Auction, 10)
	b = strconv.AppendInt(append(b, `,"bidder":`...), bid.Bidder, 10)
	b = strconv.AppendInt(append(b, `,"price":`...), bid.Price, 10)
	b = appendString(append(b, `,"channel":`...), bid.Channel)
	b = appendString(append(b, `,"url":`...), bid.URL)
	b = appendTime(append(b, `,"date_time":`...), bid.DateTime)
	b = appendString(append(b, `,"extra":`...), bid.Extra)
	return append(b, '}')
}

func appendTime(b []byte, t Time) []byte {
	b, _ = t.AppendText(append(b, '"')) // its error is always nil
	return append(b, '"')
}

// special are the bytes that cannot stand for themselves in a string, or not
// always.
var special = func() (s [256]bool) {
	for c := range s {
		s[c] = c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf
	}
	return s
}()

// appendString appends s quoted. What is not UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c, size := s[i], 1
		if !special[c] {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		switch {
		case c >= utf8.RuneSelf:
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
		case c < ' ':
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, '\\', c)
		}
		i += size
		from = i
	}
	return append(append(b, s[from:]...), '"')
}
