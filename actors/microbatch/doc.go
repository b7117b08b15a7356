// Package microbatch decides when the micro-batches of a job begin and how many
// records each may have. It is pure: events in, commands out.
//
// The nouns:
//
//   - A batch is formed every interval, of as many records as its policy said
//     an interval before, and waits until the one before it is complete.
//   - A [Batcher] forms batches and releases them, one at a time.
//   - [Release] lets sources read a batch; [Completed] ends it.
//
// In use:
//
//	cmds = batcher.Step(now, microbatch.Tick{}, cmds[:0])
//
// # Guarantees
//
// A batch is released when all tasks have passed the end of the one before and
// the checkpoint in that, if there was one, is over. Every so many batches have
// a checkpoint.
//
// # Not here
//
// How a batch's end travels through a flow: package actors. How large a batch
// should be: package governor.
package microbatch
