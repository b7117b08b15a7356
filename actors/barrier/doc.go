// Package barrier aligns the barriers of a task's input channels: the part of
// asynchronous barrier snapshotting (Carbone et al., "Lightweight Asynchronous
// Snapshots for Distributed Dataflows", 2015, §4.2) that makes a task's
// snapshot a consistent cut. It is pure.
//
// The nouns:
//
//   - A barrier is the mark of a checkpoint between the records of a channel:
//     those before it belong to the checkpoint, those after it do not.
//   - An alignment lasts from the first barrier of a checkpoint to its last.
//   - [Aligner] is told of each barrier and says which channels to hold back
//     meanwhile, and when the alignment is over.
//
// In use:
//
//	a := barrier.NewAligner(2)
//	done, _ := a.Barrier(0, 7) // false: channel 0 is held back now
//	done, _ = a.Barrier(1, 7)  // true: snapshot, then go on with all channels
//
// # Guarantees
//
// Between a channel's barrier and the last channel's, [Aligner.Blocked] is
// true for it, so nothing of the next checkpoint is processed early. A barrier
// out of order is an error, never ignored.
//
// # Not here
//
// The records held back: the task keeps them, in order, per channel.
package barrier
