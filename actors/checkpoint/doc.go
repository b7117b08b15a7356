// Package checkpoint decides when checkpoints begin, when they are complete
// and what a failed one means. It is pure: events in, commands out.
//
// The nouns:
//
//   - [Coordinator] is the state machine of one attempt of a job; one
//     checkpoint is under way at a time.
//   - [Event] values tell it what has happened: [Tick], [Acked], [Declined],
//     [Published], [Committed] and others.
//   - [Command] values are what it wants done: [Inject], [Publish], [Commit],
//     [Abort], [Finish], [Fail].
//
// The life of a checkpoint: Inject at the sources, an Acked from every task,
// Publish its manifest, Published, Commit at every sink that prepared, and a
// Committed from each; only then may the next one begin. A Declined or the
// timeout leads to Abort instead.
//
//	c := checkpoint.New(checkpoint.Config{Tasks: 3, Interval: time.Second, Next: 1})
//	cmds := c.Step(checkpoint.Tick{Now: now}, nil)                  // the interval begins
//	cmds = c.Step(checkpoint.Tick{Now: now.Add(time.Second)}, cmds) // Inject{Checkpoint: 1}
//	cmds = c.Step(checkpoint.Acked{Task: 0, Checkpoint: 1}, cmds)   // two more to come
//
// # Guarantees
//
// A checkpoint is published only when every task has acknowledged it, and
// committed only when it is published. Identifiers rise and are never used
// twice. Answers that belong to another checkpoint are ignored.
//
// # Not here
//
// Barriers, disks and clocks.
package checkpoint
