package actors

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// bomb panics in one method of a source or a sink.
type bomb string

func (b bomb) at(method string) {
	if string(b) == method {
		panic("boom in " + method)
	}
}

type bombSource struct {
	*numbers
	bomb
}

func (s bombSource) Splits(ctx context.Context) ([]operator.Split, error) {
	s.at("Splits")
	return s.numbers.Splits(ctx)
}
func (s bombSource) Open(
	ctx context.Context, sp operator.Split, offset []byte,
) (dataflow.Reader[int], error) {
	s.at("Source.Open")
	r, err := s.numbers.Open(ctx, sp, offset)
	return bombReader{r, s.bomb}, err
}

type bombReader struct {
	dataflow.Reader[int]
	bomb
}

func (r bombReader) Read(ctx context.Context, b *operator.Records[int]) error {
	r.at("Read")
	return r.Reader.Read(ctx, b)
}
func (r bombReader) Offset() []byte { r.at("Offset"); return r.Reader.Offset() }
func (r bombReader) Close() error   { r.at("Reader.Close"); return r.Reader.Close() }

type bombSink struct {
	*ledger[int]
	bomb
}

func (s bombSink) Open(p operator.Place) (dataflow.Writer[int], error) {
	s.at("Sink.Open")
	w, err := s.ledger.Open(p)
	return bombWriter{w, s.bomb}, err
}
func (s bombSink) Commit(token []byte) error { s.at("Commit"); return s.ledger.Commit(token) }
func (s bombSink) Recover() error            { s.at("Recover"); return s.ledger.Recover() }

type bombWriter struct {
	dataflow.Writer[int]
	bomb
}

func (w bombWriter) Write(b *operator.Records[int]) error { w.at("Write"); return w.Writer.Write(b) }
func (w bombWriter) Prepare(id uint64) (operator.Prepared, error) {
	w.at("Prepare")
	p, err := w.Writer.Prepare(id)
	if p != nil {
		p = bombPrepared{p, w.bomb}
	}
	return p, err
}
func (w bombWriter) Close() error { w.at("Writer.Close"); return w.Writer.Close() }

type bombPrepared struct {
	operator.Prepared
	bomb
}

func (p bombPrepared) Persist() ([]byte, error) { p.at("Persist"); return p.Prepared.Persist() }

// TestPanicInConnector panics in each method of a connector: the job ends
// with an error that names the step and says what happened. Methods that
// close cannot fail a flow that has what it wanted of them.
func TestPanicInConnector(t *testing.T) {
	for method, step := range map[string]string{
		"Splits": "numbers", "Source.Open": "numbers", "Read": "numbers", "Offset": "numbers",
		"Reader.Close": "", "Sink.Open": "out", "Write": "out", "Prepare": "out", "Persist": "out",
		"Commit": "out", "Recover": "out", "Writer.Close": "",
	} {
		t.Run(method, func(t *testing.T) {
			cfg := Config{Restart: RestartPolicy{Attempts: -1}, TolerateFailures: -1}
			err := runGraph(t, cfg, func(g *dataflow.Graph) {
				in := dataflow.Read(g, "numbers", bombSource{&numbers{n: 5000, splits: 2}, bomb(method)})
				dataflow.Write(in, "out", bombSink{newLedger[int](), bomb(method)})
			})
			switch {
			case step == "" && err != nil:
				t.Errorf("got %v, want none", err)
			case step == "":
			case err == nil || !strings.Contains(err.Error(), "boom in "+method):
				t.Errorf("got %v, want the panic", err)
			case !strings.Contains(err.Error(), `step "`+step+`"`):
				t.Errorf("the error does not name step %q: %v", step, err)
			}
			var p *operator.Panic
			if step != "" && !errors.As(err, &p) {
				t.Errorf("no stack in %v", err)
			}
		})
	}
}

// TestPanicInEvents panics in what the job calls back: the job must end.
func TestPanicInEvents(t *testing.T) {
	cfg := Config{
		Dir: t.TempDir(), CheckpointInterval: time.Millisecond,
		Events: Events{Checkpoint: func(CheckpointInfo) { panic("boom in the callback") }},
	}
	err := runGraph(t, cfg, func(g *dataflow.Graph) {
		in := dataflow.Read(g, "numbers", &numbers{n: 5000, splits: 2})
		dataflow.Write(in, "out", newLedger[int]())
	})
	if err == nil || !strings.Contains(err.Error(), "boom in the callback") {
		t.Errorf("got %v, want the panic", err)
	}
}
