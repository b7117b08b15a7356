package event

import (
	"reflect"
	"testing"
	"unsafe"
)

func TestClone(t *testing.T) {
	text := "abcdefghijklmnopqrstuvwxyz"
	a := &Auction{1, text[:3], text[3:8], 2, 3, 4, 5, 6, 7, text[8:]}
	p := &Person{1, text[:1], text[1:2], text[2:4], text[4:8], text[8:9], 2, text[9:]}
	if c := a.Clone(); !reflect.DeepEqual(a, c) || c == a || shares(c.Extra, text) {
		t.Errorf("got %+v, want a copy of %+v", c, a)
	}
	if c := p.Clone(); !reflect.DeepEqual(p, c) || c == p || shares(c.State, text) {
		t.Errorf("got %+v, want a copy of %+v", c, p)
	}
}

// shares reports whether a part is in the memory of the whole.
func shares(part, whole string) bool {
	at := uintptr(unsafe.Pointer(unsafe.StringData(part)))
	from := uintptr(unsafe.Pointer(unsafe.StringData(whole)))
	return at >= from && at < from+uintptr(len(whole))
}
