package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// writer is one subtask's end of a sink.
type writer[T any] struct {
	sink  *sink[T]
	place operator.Place
	count uint64          // of files
	open  *transaction[T] // nil until something is written to it
}

// Write appends the records to the current transaction.
func (w *writer[T]) Write(b *operator.Records[T]) error {
	if b.Len() == 0 {
		return nil
	}
	if w.open == nil {
		w.open = &transaction[T]{w: w, byName: map[string]*part[T]{}, byDir: map[string]*part[T]{}}
	}
	return w.open.write(b.Values)
}

// Prepare closes the current transaction to further records.
func (w *writer[T]) Prepare(checkpoint uint64) (operator.Prepared, error) {
	t := w.open
	if t == nil {
		return nil, nil
	}
	w.open = nil
	t.final = w.sink.finalName(w.place, checkpoint)
	return t, nil
}

// Close discards what was not prepared.
func (w *writer[T]) Close() (err error) {
	t := w.open
	if t == nil {
		return nil
	}
	w.open = nil
	for _, p := range t.parts {
		err = errors.Join(err, p.discard())
	}
	return err
}

// defaultOpenFiles is how many of a transaction's files are open at a time.
const defaultOpenFiles = 16

// maxParts bounds the partitions of a transaction, whose files are all to be
// made durable and shown at a checkpoint.
const maxParts = 4096

// A transaction is the files, one for each partition, that one checkpoint
// shows.
type transaction[T any] struct {
	w      *writer[T] // not to be used once the transaction is prepared, but for its sink
	final  string
	parts  []*part[T]
	byName map[string]*part[T] // by what the partition function has returned
	byDir  map[string]*part[T] // by what that means
	name   string              // of the record before
	last   *part[T]
	open   []*part[T]
	turns  uint64 // from one part to another
}

func (t *transaction[T]) write(values []T) (err error) {
	i := 0
	defer operator.Guard(&err, &i, values)
	for ; i < len(values); i++ {
		p, err := t.part(&values[i])
		if err == nil {
			err = p.write(&values[i])
		}
		if err != nil {
			return fmt.Errorf("%w, at record %s", err, operator.Describe(values[i]))
		}
	}
	return nil
}

// part is where a record belongs, ready to be written to.
func (t *transaction[T]) part(v *T) (*part[T], error) {
	name := ""
	if t.w.sink.partition != nil {
		name = t.w.sink.partition(*v)
	}
	if t.last != nil && name == t.name {
		return t.last, nil
	}
	p := t.byName[name]
	if p == nil {
		var err error
		if p, err = t.find(strings.Clone(name)); err != nil {
			return nil, err
		}
	}
	if err := t.turnTo(p); err != nil {
		return nil, err
	}
	t.name, t.last = name, p
	return p, nil
}

// find returns the part of a partition that has not been named so before.
func (t *transaction[T]) find(name string) (*part[T], error) {
	s := t.w.sink
	dir, err := partitionDir(name)
	if err != nil {
		return nil, fmt.Errorf("step %q: write: %w", s.step, err)
	}
	if len(t.byName) >= maxParts {
		return nil, fmt.Errorf("step %q: write: more than %d partitions within one checkpoint; let "+
			"the function give more records the same name", s.step, maxParts)
	}
	p := t.byDir[dir]
	if p == nil {
		t.w.count++
		p = newPart(s, dir, s.pendingName(t.w.place, t.w.count))
		t.parts, t.byDir[dir] = append(t.parts, p), p
	}
	t.byName[name] = p
	return p, nil
}

// turnTo opens a part if it is closed, in place of the one that has not been
// written to for longest.
func (t *transaction[T]) turnTo(p *part[T]) error {
	t.turns++
	p.turn = t.turns
	if p.f != nil {
		return nil
	}
	if len(t.open) < t.w.sink.cfg.openFiles {
		t.open = append(t.open, p)
		return p.open(nil)
	}
	oldest := 0
	for i, o := range t.open {
		if o.turn < t.open[oldest].turn {
			oldest = i
		}
	}
	buf, err := t.open[oldest].close()
	t.open[oldest] = p
	if err != nil {
		return err
	}
	return p.open(buf)
}

// Persist makes the files durable.
func (t *transaction[T]) Persist() ([]byte, error) {
	var tokens []token
	var err error
	for _, p := range t.parts {
		if err == nil {
			err = p.persist()
		} else {
			err = errors.Join(err, p.abandon())
		}
		tokens = append(tokens, token{p.dir, p.pending, t.final, p.size, p.sum.Sum32()})
	}
	if err != nil {
		return nil, err
	}
	if err := t.w.sink.sync("write", t.w.sink.dir); err != nil {
		return nil, err
	}
	return json.Marshal(tokens)
}
