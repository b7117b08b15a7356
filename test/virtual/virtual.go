package virtual

import (
	"testing"
	"testing/synctest"
)

// Test runs f in a bubble. Under the race detector it skips the test.
func Test(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	if Race {
		t.Skip("the race detector breaks down on virtual time: https://go.dev/issue/78156")
	}
	synctest.Test(t, f)
}

// TestOrLive runs f in a bubble, or under the race detector in real time: f must
// not depend on how long things take, and not take long.
func TestOrLive(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	if Race {
		f(t)
		return
	}
	synctest.Test(t, f)
}
