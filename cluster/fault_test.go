package cluster

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestOwnFrames(t *testing.T) {
	const stack = `goroutine 6 [running]:
runtime/debug.Stack()
	stack.go:26 +0x5e
github.com/flyball-stream/flyball/dataflow/operator.Guard[...](0x1)
	panic.go:54 +0x48
panic({0xb80a20?, 0x1199cf574080?})
	panic.go:860 +0x13a
main.parse(0x40?)
	main.go:70 +0x4f
github.com/flyball-stream/flyball/dataflow/operator.(*mapper[...]).apply(0xcdb320)
	map.go:32 +0x113
github.com/flyball-stream/flyball/actors.(*node).apply(0x1199d0d3e3c0?)
	chain.go:46 +0x74
github.com/flyball-stream/flyball/actors.(*node).process(0x1199cf4457a0)
	chain.go:41 +0x88`
	want := `main.parse(0x40?)
	main.go:70 +0x4f
github.com/flyball-stream/flyball/dataflow/operator.(*mapper[...]).apply(0xcdb320)
	map.go:32 +0x113`
	if got := ownFrames(stack); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	for _, other := range []string{"", "panic(", string(debug.Stack())} {
		if got := ownFrames(other); got != other {
			t.Errorf("got:\n%s\nwant it whole:\n%s", got, other)
		}
	}
	other := strings.ReplaceAll(stack, "panic(", "halt(")
	if got := ownFrames(other); got != other {
		t.Errorf("got %q, want it whole", got)
	}
}
