package operator

import (
	"fmt"
	"iter"
)

// Map applies f to every record and keeps its event time.
func Map[T, U any](out *Pool[U], f func(T) U) Operator {
	return &mapper[T, U]{out, f}
}

type mapper[T, U any] struct {
	out *Pool[U]
	f   func(T) U
}

func (m *mapper[T, U]) Process(_ int, b Batch, out Outbox) error {
	in, to := b.(*Records[T]), m.out.Get()
	if err := m.apply(in.Values, to); err != nil {
		return err
	}
	to.Times = append(to.Times, in.Times...)
	in.Release()
	return out.Emit(0, to)
}

func (m *mapper[T, U]) apply(values []T, to *Records[U]) (err error) {
	i := 0
	defer Guard(&err, &i, values)
	for ; i < len(values); i++ {
		to.Values = append(to.Values, m.f(values[i]))
	}
	return nil
}

// Filter keeps the records for which keep is true.
func Filter[T any](keep func(T) bool) Operator { return &filter[T]{keep} }

type filter[T any] struct{ keep func(T) bool }

func (f *filter[T]) Process(_ int, b Batch, out Outbox) error {
	r := b.(*Records[T])
	n, err := f.compact(r)
	if err != nil {
		return err
	}
	clear(r.Values[n:])
	r.Values, r.Times = r.Values[:n], r.Times[:n]
	if n == 0 {
		r.Release()
		return nil
	}
	return out.Emit(0, r)
}

func (f *filter[T]) compact(r *Records[T]) (n int, err error) {
	i := 0
	defer Guard(&err, &i, r.Values)
	for ; i < len(r.Values); i++ {
		if f.keep(r.Values[i]) {
			r.Values[n], r.Times[n] = r.Values[i], r.Times[i]
			n++
		}
	}
	return n, nil
}

// FlatMap replaces every record by those that f yields, with its event time.
func FlatMap[T, U any](out *Pool[U], f func(T) iter.Seq[U]) Operator {
	return &flatMapper[T, U]{out, f}
}

type flatMapper[T, U any] struct {
	out *Pool[U]
	f   func(T) iter.Seq[U]
}

func (m *flatMapper[T, U]) Process(_ int, b Batch, out Outbox) (err error) {
	in, to := b.(*Records[T]), m.out.Get()
	if to, err = m.apply(in, to, out); err != nil {
		return err
	}
	in.Release()
	if to.Len() == 0 {
		to.Release()
		return nil
	}
	return out.Emit(0, to)
}

func (m *flatMapper[T, U]) apply(
	in *Records[T], to *Records[U], out Outbox,
) (last *Records[U], err error) {
	i := 0
	defer Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		for u := range m.f(in.Values[i]) {
			to.Append(u, in.Times[i])
			if !to.Full() {
				continue
			}
			if err := out.Emit(0, to); err != nil {
				return nil, err
			}
			to = m.out.Get()
		}
	}
	return to, nil
}

// Failure is a record that a fallible function has refused.
type Failure[T any] struct {
	Record T
	Err    string // the error's text
}

// TryMap applies f to every record: results go to output port 0, records
// for which f returned an error to port 1. Without a pool for the bad ones
// the first of them is an error.
func TryMap[T, U any](out *Pool[U], bad *Pool[Failure[T]], f func(T) (U, error)) Operator {
	return &tryMapper[T, U]{out, bad, f}
}

type tryMapper[T, U any] struct {
	out *Pool[U]
	bad *Pool[Failure[T]]
	f   func(T) (U, error)
}

func (m *tryMapper[T, U]) Process(_ int, b Batch, out Outbox) error {
	in, to := b.(*Records[T]), m.out.Get()
	var bad *Records[Failure[T]]
	if m.bad != nil {
		bad = m.bad.Get()
	}
	if err := m.apply(in, to, bad); err != nil {
		return err
	}
	in.Release()
	if err := emitOrRelease(0, to, out); err != nil || bad == nil {
		return err
	}
	return emitOrRelease(1, bad, out)
}

func (m *tryMapper[T, U]) apply(
	in *Records[T], to *Records[U], bad *Records[Failure[T]],
) (err error) {
	i := 0
	defer Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		u, err := m.f(in.Values[i])
		switch {
		case err == nil:
			to.Append(u, in.Times[i])
		case bad != nil:
			bad.Append(Failure[T]{in.Values[i], err.Error()}, in.Times[i])
		default:
			return fmt.Errorf("record %s: %w (consume the step's second stream to go on "+
				"past such records)", Describe(in.Values[i]), err)
		}
	}
	return nil
}

func emitOrRelease(port int, b Batch, out Outbox) error {
	if b.Len() == 0 {
		b.Release()
		return nil
	}
	return out.Emit(port, b)
}

// Branch sends each record to the output port of the first predicate that is
// true of it, or to the port after the last predicate's.
func Branch[T any](pool *Pool[T], when []func(T) bool) Operator {
	return &branch[T]{pool: pool, when: when, to: make([]*Records[T], len(when)+1)}
}

type branch[T any] struct {
	pool *Pool[T]
	when []func(T) bool
	to   []*Records[T]
}

func (s *branch[T]) Process(_ int, b Batch, out Outbox) error {
	in := b.(*Records[T])
	for port := range s.to {
		s.to[port] = s.pool.Get()
	}
	if err := s.split(in); err != nil {
		return err
	}
	in.Release()
	for port, to := range s.to {
		if err := emitOrRelease(port, to, out); err != nil {
			return err
		}
	}
	return nil
}

func (s *branch[T]) split(in *Records[T]) (err error) {
	i := 0
	defer Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		port := 0
		for port < len(s.when) && !s.when[port](in.Values[i]) {
			port++
		}
		s.to[port].Append(in.Values[i], in.Times[i])
	}
	return nil
}

// Union passes on the records of all its input ports.
func Union() Operator {
	return Func(func(_ int, b Batch, out Outbox) error { return out.Emit(0, b) })
}
