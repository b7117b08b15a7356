// Package simulate runs flows that do not exist on the policies of package
// governor: discrete events, no clock, no goroutine. It is for the stability
// tests of policies and for planning capacity.
//
// The nouns:
//
//   - [Flow] is a graph of [Stage] values with service times, selectivity, skew
//     and [State], fed by a [Load].
//   - [Checkpointing] is when checkpoints are taken and what they cost.
//   - [Spec] is all of it with a policy; [Run] gives a [Result].
//   - [MicroBatch] is an engine of the other kind: batches formed every
//     interval, processed one after the other, checkpoints inside some.
//
// In use:
//
//	r, err := simulate.Run(simulate.Spec{
//		Flow: flow, Checkpoints: simulate.Checkpointing{Interval: 10 * time.Second, Encode: 200e6},
//		Policy: func(p simulate.Place) governor.Policy { return governor.New(p.Config(goals)) },
//	})
//	fmt.Println(r.Throughput, r.Inside.P99, r.Within)
//
// # What is simulated
//
// Tasks work on one item at a time; batches take credit and give it back when
// they are processed; a sender without credit waits with everything else it
// has to send; barriers take no credit and never overtake; alignment holds
// channels back; encoding takes turns with batches; one disk writes what is
// encoded, and all tasks are slower while it does. Sources have backlogs of
// their own, so latency is free of coordinated omission.
//
// # Guarantees
//
// The same specification gives the same result. Records are conserved.
//
// # Not here
//
// Processors: each task has its own. Garbage collection, networks, failures. A
// [governor.Schedule]: checkpoints come at the interval that is given, or back to back
// where they take longer, although a job under a governor would have them come later.
package simulate
