// Package actors runs a flow in this process: subtasks as actors, credits
// between them, checkpoints through them, and restarts after failures.
//
// The nouns:
//
//   - [Job] is a flow made ready to run, by [New]; [Config] says how.
//   - A task is one subtask: an actor whose mailbox is its inbox, around a
//     chain of operators. A channel connects two tasks and counts the credit
//     between them.
//   - [Bound] is the memory the job may use; [Stats] is what it is doing.
//   - [TaskError] is a failure with its step; [RestartPolicy] says what follows.
//
// Running a flow:
//
//	g, err := flow.Build(params)
//	job, err := actors.New(g, actors.Config{Dir: "state"})
//	defer job.Close()
//	err = job.Run(ctx)
//
// # Guarantees
//
// State is exactly-once: after a crash at any instant the next run goes on
// from the last complete checkpoint, and with a replayable source and a
// transactional sink the output is exact too. Every batch between two tasks
// is covered by a credit, so memory is bounded by what [Bound] says. A task
// slows down only because its downstream granted less.
//
// A data race between tasks is not possible by construction: they share
// batches, which have one owner, and the atomics of channels and meters.
//
// # Not here
//
// Several processes, flags, HTTP: package cluster. How checkpoints are stored:
// package actors/snapshot.
package actors
