package dataflowtest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// An Output is a place that a sink under test writes to, empty at first.
type Output[T any] struct {
	// Sink returns a new sink to the place, as a process that has been started
	// again would make it.
	Sink func() dataflow.Sink[T]
	// Visible reads what a consumer of the place can see: the records of one
	// writer in the order in which they were written.
	Visible func() ([]T, error)
}

// TestSink checks a transactional sink against what [operator.Sink] and
// [operator.Writer] demand. Place returns a new, empty place, and record a
// record for each number, all different. The checks:
//
//   - nothing is visible before its commit, all of it after, in order;
//   - a commit may be repeated, by a later process too;
//   - a crash between any two phases leaves what was committed or can still
//     be, and Recover removes the rest;
//   - transactions that follow each other and writers of several subtasks do
//     not disturb each other;
//   - a transaction that nothing was written to is nil.
func TestSink[T any](
	t *testing.T, place func(t *testing.T) Output[T], record func(i int) T,
) {
	t.Helper()
	for _, check := range []struct {
		name string
		run  func(s *sinkTest[T])
	}{
		{"visible by commit", (*sinkTest[T]).commits},
		{"commits again", (*sinkTest[T]).commitsAgain},
		{"crash after write", (*sinkTest[T]).crashAfterWrite},
		{"crash after prepare", (*sinkTest[T]).crashAfterPrepare},
		{"crash after persist", (*sinkTest[T]).crashAfterPersist},
		{"crash before commit of a checkpoint", (*sinkTest[T]).crashBeforeCommit},
		{"crash after commit", (*sinkTest[T]).crashAfterCommit},
		{"transactions in a row", (*sinkTest[T]).row},
		{"several writers", (*sinkTest[T]).several},
		{"nothing written", (*sinkTest[T]).nothing},
		{"closed", (*sinkTest[T]).closed},
	} {
		t.Run(check.name, func(t *testing.T) {
			s := &sinkTest[T]{t: t, place: place(t), record: record, pool: operator.NewPool[T]()}
			s.start()
			if d := s.sink.Delivery(); d != operator.Transactional {
				t.Fatalf("Delivery: got %d, want that of a transactional sink", d)
			}
			check.run(s)
		})
	}
}

// sinkTest is one story of a sink. Mistakes end it.
type sinkTest[T any] struct {
	t          *testing.T
	place      Output[T]
	record     func(i int) T
	pool       *operator.Pool[T]
	sink       dataflow.Sink[T]
	writer     dataflow.Writer[T]
	generation uint64
	checkpoint uint64
}

func (s *sinkTest[T]) must(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

// start is a process that begins: it commits the tokens of the checkpoint
// that it restores once more, recovers and opens a writer.
func (s *sinkTest[T]) start(tokens ...[]byte) {
	s.t.Helper()
	s.generation++
	s.sink = s.place.Sink()
	s.commit(tokens...)
	s.must("Recover", s.sink.Recover())
	s.writer = s.open(0, 1)
}

func (s *sinkTest[T]) open(subtask, of int) dataflow.Writer[T] {
	s.t.Helper()
	w, err := s.sink.Open(operator.Place{
		Step: "out", Subtask: subtask, Parallelism: of, Generation: s.generation,
		Restored: s.checkpoint,
	})
	s.must("Open", err)
	return w
}

// write writes the records with numbers from (included) to to (not).
func (s *sinkTest[T]) write(w dataflow.Writer[T], from, to int) {
	s.t.Helper()
	for from < to {
		b := s.pool.Get()
		for ; from < to && !b.Full(); from++ {
			b.Append(s.record(from), operator.Timestamp(from))
		}
		s.must("Write", w.Write(b))
	}
}

func (s *sinkTest[T]) prepare(w dataflow.Writer[T]) operator.Prepared {
	s.t.Helper()
	s.checkpoint++
	p, err := w.Prepare(s.checkpoint)
	s.must("Prepare", err)
	return p
}

func (s *sinkTest[T]) persist(w dataflow.Writer[T]) []byte {
	s.t.Helper()
	p := s.prepare(w)
	if p == nil {
		s.t.Fatal("Prepare: nil after records were written")
	}
	token, err := p.Persist()
	s.must("Persist", err)
	return slices.Clone(token)
}

func (s *sinkTest[T]) commit(tokens ...[]byte) {
	s.t.Helper()
	for _, token := range tokens {
		s.must("Commit", s.sink.Commit(token))
	}
}

// sees checks that the records with the given numbers are visible, in order.
func (s *sinkTest[T]) sees(when string, from, to int) {
	s.t.Helper()
	got, err := s.place.Visible()
	s.must("read what is visible", err)
	var want []T
	for i := from; i < to; i++ {
		want = append(want, s.record(i))
	}
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		s.t.Fatalf("%s, %d records are visible, want %d:\n%s", when, len(got), len(want),
			diff(texts(want), texts(got)))
	}
}

func texts[T any](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = fmt.Sprintf("%#v", v)
	}
	return all
}

// many is more records than fit a batch.
const many = operator.BatchSize + 10

func (s *sinkTest[T]) commits() {
	s.write(s.writer, 0, many)
	s.sees("after Write", 0, 0)
	p := s.prepare(s.writer)
	s.sees("after Prepare", 0, 0)
	token, err := p.Persist()
	s.must("Persist", err)
	s.sees("after Persist", 0, 0)
	s.commit(token)
	s.sees("after Commit", 0, many)
	s.write(s.writer, many, many+5)
	s.commit(s.persist(s.writer))
	s.sees("after the next Commit", 0, many+5)
}

func (s *sinkTest[T]) commitsAgain() {
	s.write(s.writer, 0, 5)
	token := s.persist(s.writer)
	s.commit(token, token)
	s.sees("after two commits", 0, 5)
	s.write(s.writer, 5, 9)
	next := s.persist(s.writer)
	s.commit(next, token, next)
	s.sees("after commits of both", 0, 9)
}

func (s *sinkTest[T]) crashAfterWrite() {
	s.write(s.writer, 0, 5)
	s.commit(s.persist(s.writer))
	s.write(s.writer, 5, 5+many)
	s.goOn("crash after Write", 5)
}

func (s *sinkTest[T]) crashAfterPrepare() {
	s.write(s.writer, 0, 5)
	s.commit(s.persist(s.writer))
	s.write(s.writer, 5, 9)
	s.prepare(s.writer)
	s.goOn("crash after Prepare", 5)
}

func (s *sinkTest[T]) crashAfterPersist() {
	s.write(s.writer, 0, 5)
	s.commit(s.persist(s.writer))
	s.write(s.writer, 5, 9)
	s.persist(s.writer)
	s.goOn("crash after Persist", 5)
}

// goOn restarts where only the records before number n are committed, and
// writes the others anew.
func (s *sinkTest[T]) goOn(when string, n int, tokens ...[]byte) {
	s.t.Helper()
	s.start(tokens...)
	s.sees(when+" and Recover", 0, n)
	s.write(s.writer, n, n+20)
	token := s.persist(s.writer)
	s.sees(when+" and writing anew", 0, n)
	s.commit(token)
	s.sees(when+" and committing anew", 0, n+20)
}

func (s *sinkTest[T]) crashBeforeCommit() {
	s.write(s.writer, 0, 5)
	token := s.persist(s.writer)
	s.write(s.writer, 5, 9)
	s.goOn("commit by the next process", 5, token)
}

func (s *sinkTest[T]) crashAfterCommit() {
	s.write(s.writer, 0, 5)
	token := s.persist(s.writer)
	s.commit(token)
	s.goOn("commit again by the next process", 5, token)
}

func (s *sinkTest[T]) row() {
	s.write(s.writer, 0, 5)
	first := s.persist(s.writer)
	s.write(s.writer, 5, 9)
	second := s.persist(s.writer)
	s.write(s.writer, 9, 12)
	s.commit(first)
	s.sees("after the first of two commits", 0, 5)
	s.commit(second)
	s.sees("after the second", 0, 9)
	s.commit(s.persist(s.writer))
	s.sees("after the third", 0, 12)
}

func (s *sinkTest[T]) several() {
	s.must("Close", s.writer.Close())
	a, b := s.open(0, 2), s.open(1, 2)
	s.write(a, 0, 5)
	s.write(b, 5, 9)
	first, second := s.persist(a), s.persist(b)
	s.commit(first)
	s.sees("after one writer's commit", 0, 5)
	s.commit(second)
	got, err := s.place.Visible()
	s.must("read what is visible", err)
	for i := range 9 {
		if !slices.ContainsFunc(got, func(v T) bool { return reflect.DeepEqual(v, s.record(i)) }) {
			s.t.Errorf("after both commits, record %d is not visible", i)
		}
	}
	if len(got) != 9 {
		s.t.Errorf("after both commits, %d records are visible, want 9", len(got))
	}
}

func (s *sinkTest[T]) nothing() {
	if p := s.prepare(s.writer); p != nil {
		s.t.Fatal("Prepare: a transaction though nothing was written, want nil")
	}
	s.write(s.writer, 0, 5)
	token := s.persist(s.writer)
	if p := s.prepare(s.writer); p != nil {
		s.t.Fatal("Prepare: a transaction though nothing was written since the last, want nil")
	}
	s.commit(token)
	s.sees("after Commit", 0, 5)
}

func (s *sinkTest[T]) closed() {
	s.write(s.writer, 0, 5)
	token := s.persist(s.writer)
	s.write(s.writer, 5, 9)
	s.must("Close", s.writer.Close())
	s.commit(token)
	s.sees("after Close and Commit", 0, 5)
	s.goOn("after a clean end", 5, token)
}
