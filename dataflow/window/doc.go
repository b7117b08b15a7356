// Package window cuts keyed streams into windows of event time and computes
// on them: aggregates of a window and joins of two streams.
//
// The nouns:
//
//   - [Spec] says how time is cut: [Tumbling], [Sliding], [Session] or [Global],
//     with an offset of bounds and an allowed lateness.
//   - [Pane] is the result of one key's window.
//   - A window is half-open, [start, end). It fires when the watermark W
//     reaches its end, W >= end, because then no record before W is to be
//     expected; it is gone when W >= end + lateness.
//   - A record is late when every window it would be in is gone.
//
// Users write, with the verbs of package dataflow:
//
//	hourly := dataflow.Window(byCustomer, window.Tumbling(time.Hour).AllowLateness(time.Minute))
//	revenue := dataflow.Aggregate(hourly, "revenue", agg.Sum(cents))
//	late := dataflow.Late(hourly, "too-late")
//
// # Guarantees
//
// Results are those of putting every record into each of its windows, whatever
// the order of records, and are stamped with their window's last instant, so
// they are on time for windows downstream. Windows are emitted in the order of
// their ends, keys in the order in which they came; a restore changes neither.
// (Sums of floats may differ in the last digit after a restore, because parts
// are added in another order.) A window that fired before a checkpoint does not
// fire again after it, except for records that it takes within the allowance:
// each of those emits it again at once. Windows without records emit nothing.
//
// A record costs one table update in all kinds of windows. A sliding window
// costs each key with something in it a constant number of merges per slide,
// amortised, however many slides it spans. A key with nothing left in any
// window costs nothing and is gone from the state.
//
// # Not here
//
// Watermarks are made at the sources and merged by the engine. Processing-time
// windows do not exist: they would give other results after a restart.
package window
