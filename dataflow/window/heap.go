package window

import "github.com/flyball-stream/flyball/dataflow/operator"

// dated is something to be done at a point in event time; order settles what
// comes first of things due at once.
type dated interface {
	when() (at operator.Timestamp, order uint64)
}

// heap is a binary min-heap of what is due.
type heap[E dated] []E

func (h heap[E]) less(i, j int) bool {
	at, a := h[i].when()
	bt, b := h[j].when()
	return at < bt || at == bt && a < b
}

// next is when the first element is due, MaxTimestamp if there is none.
func (h heap[E]) next() operator.Timestamp {
	if len(h) == 0 {
		return operator.MaxTimestamp
	}
	at, _ := h[0].when()
	return at
}

// due reports whether the first element is due at a time.
func (h heap[E]) due(by operator.Timestamp) bool { return len(h) > 0 && h.next() <= by }

func (h *heap[E]) push(e E) {
	*h = append(*h, e)
	for i := len(*h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(i, up) {
			return
		}
		(*h)[i], (*h)[up] = (*h)[up], (*h)[i]
		i = up
	}
}

func (h *heap[E]) pop() E {
	old := *h
	top, last := old[0], len(old)-1
	old[0] = old[last]
	clear(old[last:])
	*h = old[:last]
	for i := 0; ; {
		least := i
		for down := 2*i + 1; down <= 2*i+2 && down < last; down++ {
			if h.less(down, least) {
				least = down
			}
		}
		if least == i {
			return top
		}
		(*h)[i], (*h)[least] = (*h)[least], (*h)[i]
		i = least
	}
}
