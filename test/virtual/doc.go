// Package virtual runs tests on virtual time, in bubbles of testing/synctest.
//
// The nouns:
//
//   - [Test] runs a test in a bubble.
//   - [TestOrLive] runs in real time what must not go without the race detector.
//
// In use:
//
//	virtual.Test(t, func(t *testing.T) { time.Sleep(time.Hour) })
//
// # Why not synctest as it is
//
// In a bubble the runtime of the race detector breaks down now and then, with
// "ThreadSanitizer: CHECK failed" and no race (https://go.dev/issue/78156, open
// as of Go 1.26). Once that is mended this package can go.
package virtual
