// Package governor decides how much may flow: what each input channel of a task
// may have in flight, how checkpoints are written, when the next one begins,
// and why. It is pure: observations in, decisions out, no clock, no goroutine,
// no I/O. Package actors observes, asks once a control period and carries the
// decision out.
//
// The nouns:
//
//   - [Observation] is what a task saw in one control period.
//   - [Decision] is what it is to do: a [Grant] for each channel, a rate if it
//     is a source, the [Pace] of writing a checkpoint, and the [Reason].
//   - [Policy] turns one into the other. [Fixed] never changes its mind, [PID]
//     is Spark Streaming's law, [Governor] plans ahead for [Goals].
//   - [Schedule] proposes when a job's next checkpoint begins.
//   - [BatchPolicy] sizes micro-batches, for engines that have them.
//
// Asking for a decision:
//
//	var p governor.Policy = governor.New(governor.Config{
//		Goals: governor.Goals{Latency: time.Second}, Hops: hops[vertex],
//	})
//	p.Step(&obs, &decision) // one grant for each of obs.Channels
//
// # How the governor decides
//
// It keeps a model of the task: how long it works on a batch and on a record
// ([estimate.Service]), what a checkpoint takes of it ([estimate.Checkpoints]),
// what it emits for a record and to whom. From that follows a rate: its own, or
// what its downstream granted over selectivity and the lane's share, whichever
// is less. Rate times time is the window of all channels together, by Little's
// law. The time is what keeps the task from running dry, found by trial, and at
// most the task's part of the latency goal, less what the checkpoint that is
// due will hold records up for, with the error of that prediction.
// What the channels get of it is max-min fair, and at least a batch each. So each
// task decides for its inputs alone, and what binds travels upstream with the
// grants, hop by hop, to the source.
//
// A queue that a task does not need is latency for nothing, so the governor
// holds less than the goal allows, and shrinks a checkpoint's duration with it:
// a barrier waits behind all that is in flight. Before a barrier it lets in less
// still, for while a task encodes, what waits for it takes longer. Without a latency
// goal and a memory goal it grants the widest window.
//
// Where tasks share processors, the one that has a processor is the queue of the
// others. With a latency goal tasks therefore take short turns; and that a task ran
// dry counts for nothing while no processor was idle.
//
// # What package actors measures
//
// Before a task runs, and then every control period, one call of Step:
//
//   - Now and Period from the monotonic clock.
//   - Records, Batches and Bytes processed, of the task and of each channel,
//     counted when a batch has been processed.
//   - Busy: the time in which records were there to work on, a wait for a
//     processor among it. Capture, Encode and Blocked are taken out of it and
//     reported apart, each nanosecond once: encoding done while waiting for
//     credit is Encode, not Blocked.
//   - Dry: the time in which nothing was on its way to the task. The governor
//     takes it as a sign of too small a window if a sender had no credit.
//   - Checkpoint.Due: from the coordinator, the time until the next one begins;
//     Pending: a checkpoint has begun and this task has not captured yet;
//     Writing: it has captured, and its part is not durable.
//   - Checkpoint.Persist: for how long of the period this process was writing a
//     checkpoint, whichever task's.
//   - Checkpoint.Dirty and State: an estimate is enough, if it is proportional
//     to the work: entries times the mean size of an encoded entry.
//   - Checkpoint.Last: once this task's part is durable, what it took from the
//     first barrier on, under the checkpoint's identifier.
//   - Channel.Starved: the sender found no credit at any time in the period.
//   - Processors: the processor time of the process over what it may use.
//   - Outputs: for each edge the records emitted, and for each of its channels
//     the records sent and the [Grant.Rate] that the receiver gave it last,
//     which travels with the window.
//
// # What package actors does
//
//   - Grants: resize each channel's window. Credit is not taken back.
//   - Rate: a source reads no faster. For [PID] this is the regulator; what
//     [Governor] says is twice what is admitted and may be ignored.
//   - Batch: senders on the task's channels fill no more records into a batch,
//     and a source reads no more at a time than its channels take.
//   - Turn: after so long the task lets another have its processor.
//   - Pace.Share: after each batch of duration d, encode for d·share/(1−share);
//     an idle task encodes all the time. Pace.Delay: begin to encode so long
//     after the capture. Pace.BytesPerSecond: write blocks no faster, for as long as
//     Pace.Within after the capture.
//   - Lost goes to whoever runs [Schedule]: its Cost is the largest of all
//     tasks. Interval is what would suit the task alone.
//
// # Guarantees
//
// Every channel is granted a batch, whatever the goals, so no channel starves
// and no cycle of full channels can close. No grant exceeds the configured
// window. A period that cannot have been (a jump of the clock) teaches nothing;
// an observation that is lost loses nothing but time. Changes of a window below
// 5% are not made. Goals that cannot be met are named in [Reason.Conflict] and
// approached as far as can be. Policies allocate nothing once they have seen
// their channels.
//
// # Not here
//
// Credits: they are counted by the channels in package actors. A global view:
// no policy knows of other tasks than its neighbours, through their grants.
package governor
