// Command measure compares the policies of package governor: with none, with
// Spark's PID and with the governor, four stateful operators run over real
// records, continuously and in micro-batches.
//
//	go run ./test/governor/measure -operator running,join -runs 3 -out out/governor
//	go run ./test/governor/measure -soak 30m -memory 1024
//
// The nouns:
//
//   - a setting is an operator, its state, the checkpoints and the input;
//   - a trial is one run of a setting with one policy, in a process of its own;
//   - a section are the settings that share a table: saturated, batches, lengths,
//     open, goals and grid;
//   - a shift are some micro-batches in a row that one law sizes, of two that take
//     turns within a trial;
//   - a result is what a trial measured, one line of results.jsonl;
//   - a row sums up the results of a setting and a policy: medians with spread.
//
// Trials of a setting take turns, so that a machine that is slow for a while
// slows all policies down. The directory gets results.jsonl, governor.md and
// plots as SVG.
//
// In section lengths the gap to win is smaller than what a machine differs by from one
// trial to the next. There Spark's law and the governor share a trial: each has twelve
// batches in a row or those of six seconds, then the other, over the same state. A law is
// told of its own batches alone, as if those of the other took no time. The first sixth or so of a
// shift does not count, since it finds the queue as the other law has left it. What was in
// memory is that of both.
//
// # What is measured
//
// Throughput is what the tasks that hold the state took after a time of warming,
// over that time. Its variation is that of the counts of 100 ms, standard
// deviation over mean.
//
// Latency inside is from the moment a batch left the source's reader to the
// moment a row that it led to reached the sink. Latency since due is from when a
// record was due, whether or not the source could be read then, so that a stall
// counts for all whom it kept waiting. A row of a window counts from the record
// that ends the window. Of each batch that reaches the sink up to sixteen rows
// are timed.
//
// The goal is kept in a period of 100 ms if the p99 inside, of the rows that came
// in it, is within the latency goal. Periods without rows do not count.
//
// In section goals what an operator needs is the goal that fixed windows keep in 99%
// of the periods at half of what they can take: what is left of latency where no queue
// stands. One, two and four times that are tried as goals, saturated. A goal counts as
// feasible from twice the need on: a queue that keeps a task busy takes time, too.
//
// The error of a prediction is that of a task's wait for barriers, stall and
// encoding, as expected when it was captured and what had changed was known,
// relative to what came; each task's first five checkpoints do not count. The
// figure beside it is of the latest decision ahead of the barrier, which the
// admission is by and for which what will have changed is a forecast, too.
//
// Of micro-batches, delay is from the forming of a batch to its end; B is the
// interval, K how many batches there are to a checkpoint and C what that takes.
// The fixed cost a of a batch is where a line through batches of many sizes, made
// by a policy of its own, meets a batch without records. Busy is the part of the time
// in which a batch was being processed: where batches have neither a fixed cost nor
// checkpoints it is all that a law can change of the throughput, the rest being the
// machine's speed, which is another in the next trial.
//
// Bytes in flight and resident are the most of all looks, ten a second; for the
// resident ones the kernel's own maximum counts.
//
// # Not here
//
// Whether results are right, which package operators tests.
package main
