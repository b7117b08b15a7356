package event

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// UnmarshalJSON reads an event as [Read] does. Its place in the stream is 0.
func (e *Event) UnmarshalJSON(b []byte) error { return new(decoder).decode(b, e) }

// decode sets e to the event in a line.
func (d *decoder) decode(line []byte, e *Event) error {
	if *e = (Event{}); d.fast(line, e) {
		return nil
	}
	*e = Event{}
	return decodeAny(line, e)
}

// decodeAny is what decoding means: one JSON object, its kind, and for every
// field of that kind the value under exactly that name. Texts may be missing;
// other names may be there. The fast decoder leaves to it whatever is unusual.
func decodeAny(line []byte, e *Event) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	var kind string
	if raw, ok := fields["kind"]; ok {
		if err := json.Unmarshal(raw, &kind); err != nil {
			return fmt.Errorf(`field "kind": %w`, err)
		}
	}
	to, ok := e.begin(kind)
	if !ok {
		return fmt.Errorf("kind %q: want %q, %q or %q", kind, PersonKind, AuctionKind, BidKind)
	}
	return setFields(reflect.ValueOf(to).Elem(), fields)
}

// begin makes e an event of a kind and returns a pointer to what is in it.
func (e *Event) begin(kind string) (to any, ok bool) {
	switch kind {
	case "person":
		e.Kind, e.Person = PersonKind, new(Person)
		return e.Person, true
	case "auction":
		e.Kind, e.Auction = AuctionKind, new(Auction)
		return e.Auction, true
	case "bid":
		e.Kind = BidKind
		return &e.Bid, true
	}
	return nil, false
}

func setFields(v reflect.Value, fields map[string]json.RawMessage) error {
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		raw, ok := fields[name]
		if !ok || string(raw) == "null" {
			if v.Field(i).Kind() == reflect.String {
				continue
			}
			return fmt.Errorf("field %q is missing", name)
		}
		if err := json.Unmarshal(raw, v.Field(i).Addr().Interface()); err != nil {
			return fmt.Errorf("field %q: %w", name, err)
		}
	}
	return nil
}
