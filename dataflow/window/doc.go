// Package window cuts keyed streams into windows of event time, or of
// processing time, and computes on them: aggregates of a window and joins of
// two streams.
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
// # Processing time
//
// [Spec.ProcessingTime] makes tumbling, sliding and session windows go by the
// clock of the machine: a record is in the windows of the moment at which it is
// processed, whatever its event time, even if it has none. A window fires when
// the clock reaches its end, within the engine's linger of some milliseconds,
// though no record comes; at the end of the input all that are open fire at
// once. Windows that were open in a checkpoint and whose end has passed fire
// when it is restored, and those that had fired do not fire again.
//
//	perMinute := dataflow.Window(byUser, window.Tumbling(time.Minute).ProcessingTime())
//
// Every record is counted once in each of its windows, failures or not, but in
// which ones depends on when it is processed: a run that is repeated gives other
// results. A clock that is set back stands still until it has caught up. Nothing
// is ever late, and windows of two streams cannot be joined, because which
// records meet would be a matter of speed. Results are stamped with their
// window's last instant on the clock, which has nothing to do with the event
// times of the records: cut them again by event time only where the two run
// together.
//
// # Not here
//
// Watermarks, which are made at the sources and merged by the engine.
package window
