package dataflow

// slack is how many entries of a queue may be out of date before it is
// rebuilt, over and above as many as are true.
const slack = 64

// queue is a binary heap (Williams 1964), typed, so that its items are not
// boxed as container/heap would have them.
type queue[T interface{ before(T) bool }] struct{ items []T }

func (q *queue[T]) push(v T) {
	q.items = append(q.items, v)
	i := len(q.items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !q.items[i].before(q.items[parent]) {
			break
		}
		q.items[i], q.items[parent] = q.items[parent], q.items[i]
		i = parent
	}
}

// pop removes the first item of a queue that is not empty.
func (q *queue[T]) pop() T {
	first, last := q.items[0], len(q.items)-1
	q.items[0] = q.items[last]
	var zero T
	q.items[last] = zero
	q.items = q.items[:last]
	q.down(0)
	return first
}

func (q *queue[T]) heapify() {
	for i := len(q.items)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

func (q *queue[T]) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(q.items) {
			return
		}
		if r := child + 1; r < len(q.items) && q.items[r].before(q.items[child]) {
			child = r
		}
		if !q.items[child].before(q.items[i]) {
			return
		}
		q.items[i], q.items[child] = q.items[child], q.items[i]
		i = child
	}
}
