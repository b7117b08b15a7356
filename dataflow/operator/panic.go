package operator

import (
	"fmt"
	"runtime/debug"
)

// A Panic is a panic of user code turned into an error, with the record that
// it was working on.
type Panic struct {
	Value  any    // what was passed to panic
	Record string // the record, printed; empty if there was none
	Stack  []byte
}

// Error quotes the panic and the record, without the stack.
func (p *Panic) Error() string {
	if p.Record == "" {
		return fmt.Sprintf("user code panicked: %v", p.Value)
	}
	return fmt.Sprintf("user code panicked: %v, at record %s", p.Value, p.Record)
}

// Unwrap returns the panic's value if it was an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// maxRecord bounds how much of a record an error message quotes.
const maxRecord = 1 << 10

// Describe prints a record for an error message, cut at 1 KiB.
func Describe(record any) string {
	s := fmt.Sprintf("%+v", record)
	if str, ok := record.(string); ok {
		s = fmt.Sprintf("%q", str)
	}
	if len(s) > maxRecord {
		s = s[:maxRecord] + "…"
	}
	return s
}

// Guard turns a panic into a [Panic] in *err. Deferred around a loop over
// values, it quotes the one with index *at:
//
//	i := 0
//	defer Guard(&err, &i, values)
func Guard[T any](err *error, at *int, values []T) {
	v := recover()
	if v == nil {
		return
	}
	p := &Panic{Value: v, Stack: debug.Stack()}
	if *at < len(values) {
		p.Record = Describe(values[*at])
	}
	*err = p
}
