package operator

import "github.com/flyball-stream/flyball/dataflow/state"

// A Shape knows the type of the batches on one stream, for the engine, which
// does not: it makes batches and moves records between them, whole runs at a
// time. [Pool] and [KeyedPool] are the two shapes. Safe for concurrent use.
type Shape interface {
	// New returns an empty batch.
	New() Batch
	// Copy appends records of src, beginning with number from, to dst until
	// dst is full or has most records, or src ends, and returns the number of
	// the first record it did not copy.
	Copy(dst, src Batch, from, most int) int
	// Scatter appends records of src, beginning with number from, to
	// dst[route[group of the record's key]] until src ends or a batch of dst
	// is full, and returns the number of the first record it did not move and
	// the full batch's index, or -1. Only keyed shapes can scatter.
	Scatter(src Batch, from int, route []uint16, dst []Batch) (next, full int)
}

// New returns an empty batch.
func (p *Pool[T]) New() Batch { return p.Get() }

// Copy appends records of src to dst.
func (p *Pool[T]) Copy(dst, src Batch, from, most int) int {
	d, s := dst.(*Records[T]), src.(*Records[T])
	to := min(from+max(0, min(p.limit, most)-len(d.Values)), len(s.Values))
	if p.size.extra != nil {
		to = p.fit(d.Bytes(), s.Values[:to], from)
	}
	d.Values = append(d.Values, s.Values[from:to]...)
	d.Times = append(d.Times, s.Times[from:to]...)
	return to
}

// fit returns how far values can be taken, beginning with number from, until
// the batch that already holds the given bytes is full. An empty batch takes
// any record, so that one larger than [BatchBytes] still travels, alone.
func (p *Pool[T]) fit(held int, values []T, from int) int {
	for i := from; i < len(values); i++ {
		one := p.size.one(&values[i])
		if held > 0 && held+one > BatchBytes {
			return i
		}
		held += one
	}
	return len(values)
}

// Scatter is not possible without keys and takes nothing.
func (p *Pool[T]) Scatter(_ Batch, from int, _ []uint16, _ []Batch) (int, int) {
	return from, -1
}

// New returns an empty batch.
func (p *KeyedPool[K, T]) New() Batch { return p.Get() }

// Copy appends records of src to dst.
func (p *KeyedPool[K, T]) Copy(dst, src Batch, from, most int) int {
	d, s := dst.(*Keyed[K, T]), src.(*Keyed[K, T])
	to := min(from+max(0, min(p.limit, most)-len(d.Values)), len(s.Values))
	if p.clear {
		to = p.fit(d.Bytes(), s, from, to)
	}
	d.Keys = append(d.Keys, s.Keys[from:to]...)
	d.Hashes = append(d.Hashes, s.Hashes[from:to]...)
	d.Values = append(d.Values, s.Values[from:to]...)
	d.Times = append(d.Times, s.Times[from:to]...)
	return to
}

// fit is [Pool.fit] for the records of s before number to.
func (p *KeyedPool[K, T]) fit(held int, s *Keyed[K, T], from, to int) int {
	for i := from; i < to; i++ {
		one := p.one(s, i)
		if held > 0 && held+one > BatchBytes {
			return i
		}
		held += one
	}
	return to
}

func (p *KeyedPool[K, T]) one(s *Keyed[K, T], i int) int {
	return 8 + p.keys.one(&s.Keys[i]) + p.size.one(&s.Values[i])
}

// Scatter sends each record to the batch of its key group's subtask.
func (p *KeyedPool[K, T]) Scatter(src Batch, from int, route []uint16, dst []Batch) (int, int) {
	s := src.(*Keyed[K, T])
	groups := uint64(len(route))
	for i := from; i < len(s.Values); i++ {
		to := route[state.GroupOf(s.Hashes[i], groups)]
		d := dst[to].(*Keyed[K, T])
		if p.clear {
			one := p.one(s, i)
			if d.held > 0 && d.held+one > BatchBytes {
				return i, int(to)
			}
			d.held += one
		}
		d.Keys = append(d.Keys, s.Keys[i])
		d.Hashes = append(d.Hashes, s.Hashes[i])
		d.Values = append(d.Values, s.Values[i])
		d.Times = append(d.Times, s.Times[i])
		if len(d.Values) >= p.limit || d.held >= BatchBytes {
			return i + 1, int(to)
		}
	}
	return len(s.Values), -1
}
