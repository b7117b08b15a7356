// Package dataflowtest is what users test their flows with, and what they
// check the sources, sinks, operators and state backends of their own with.
//
// The nouns:
//
//   - [Operator] plays a [Script] of records, watermarks, barriers and pauses
//     to one stage of a flow and compares what comes out with an
//     [Expectation]: one by one, in batches, with restarts between all calls
//     and with a checkpoint half written.
//   - [Run] runs a whole flow on the engine; [FromSlice] and [Collect] are
//     ends for it in memory, [FailAt] a failure on the way.
//   - [TestSource], [TestSink] and [TestState] are conformance tests for
//     implementations of the interfaces that bear these names.
//
// A stage is a function from streams to expectations:
//
//	func TestDedupe(t *testing.T) {
//		script := dataflowtest.NewScript[Order]().
//			At(0, Order{ID: "a"}, Order{ID: "b"}, Order{ID: "a"}).
//			Watermark(24 * time.Hour).
//			At(24*time.Hour, Order{ID: "a"})
//		dataflowtest.Operator(t, script, func(s dataflow.Stream[Order]) {
//			once := dataflow.Process(dataflow.KeyBy(s, "by-id", orderID), "dedupe", newDedupe)
//			dataflowtest.Expect(once, "once", Order{ID: "a"}, Order{ID: "b"}, Order{ID: "a"})
//		})
//	}
//
// # Guarantees
//
// Operator uses no goroutine and no clock: the same stage gives the same
// result. A stage that passes it restores to the very state it was captured
// in, at every point of the script.
//
// # Not here
//
// Faults of disks, networks and processes. And this package must be imported
// by tests only: it is the one below package actors that imports it.
package dataflowtest
