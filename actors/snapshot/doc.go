// Package snapshot keeps the checkpoints of one flow in a directory, durably, and gives them back
// after any crash. It is the only importer of Badger.
//
// The nouns:
//
//   - [Store] is the directory, open and locked. A [Generation] is one owner of it.
//   - A [Segment] is a block of state entries, stored by a [Writer] and named by a [Ref].
//   - A [Manifest] lists the segments of one checkpoint, its source offsets and its sinks' tokens.
//     A checkpoint exists once its manifest is published. [Info] sums it up.
//   - [Damage] is something that cannot be read.
//
// Writing a checkpoint and reading it back:
//
//	s, err := snapshot.Open(snapshot.Config{Dir: "state", Flow: "wordcount"})
//	g, err := s.Begin(ctx)            // whoever began before is fenced
//	n := s.NextCheckpoint()           // 1 in a fresh directory
//	w, err := s.NewWriter(g, n, "count[0]", nil)
//	ref, err := w.Put(snapshot.Segment{Step: "count", State: "n", KeyGroup: 7}, block)
//	err = w.Flush()                   // durable, and visible to nobody
//	err = s.Publish(manifest)         // names ref; from here on the checkpoint exists
//	err = s.Collect(ctx)              // frees what no retained checkpoint needs
//
//	m, damage, err := s.Latest()
//	block, err = s.Read(m.Tasks[0].States[0].Segments[0], nil)
//
// # Guarantees
//
// What Publish has acknowledged survives the end of the process and of the power. A half-written
// checkpoint is never seen, and its number is never used again. Read returns the bytes that were
// put or an error, never others. Damaged files give errors and Damage, and Latest goes back to the
// newest checkpoint that is whole; it never takes a damaged directory for a fresh one. A full disk
// fails Put, Flush or Publish and leaves earlier checkpoints as they are; when there is space again
// the same store goes on.
//
// # Layout
//
//	FLYBALL            format and flow         LOCK   held while the directory is open
//	volume-00000007/   a Badger database       SEAL   its files and their checksums
//
// A volume is written by one process, sealed, and at last removed as a whole; a new one follows
// when it is full (16 to 64 MiB: a quarter of what is live, or one checkpoint) and after
// every opening. Segments and manifests lie in its value log, where nothing moves them; the table
// that finds them is written once, when the volume is sealed. So there is no compaction, no
// tombstone and no value-log garbage collection, and removing a volume is an unlink. When less than
// half of the space is live, Collect copies what is live in the deadest volume into the current
// one. The catalogue, rewritten with every change, says which checkpoints there are and which
// numbers are taken; every volume begins with it.
//
// Why not otherwise, measured in one run on two shared cores with a disk that syncs in 0.12 ms,
// 112 MB in blocks of 64 KiB, MB/s durable (reading back in brackets):
//
//	blocks in the tables, SyncWrites, 1 or 2 writers     113-154   (230-690)
//	blocks in the value log, SyncWrites, 1 writer        230-290   (4,000-5,200)
//	blocks in the value log, DB.Sync once a checkpoint   530-700   (4,000-5,500)
//	plain file with checksums, one fsync                 740-930
//
// 64 MiB memtables changed nothing. SyncWrites also hides the error of a value log that could not
// be synced: Badger logs it and reports success. DB.Sync leaves out all memtables but the last;
// a volume has but one.
//
// What is durable leaves the page cache: it is read again after a failure alone, and would push
// out what others read. So does a long checkpoint as it is written, 32 MiB at a time. Pages that
// were given back a moment ago are the cheapest to write to: on a virtual machine the first touch
// of a page took 8 us, and 0.7 us when it was one of these.
//
// Badger believes the files that it opens: a changed length makes it allocate gigabytes, panic in
// a goroutine of its own, or exit the process; a full disk ends the process with SIGBUS, because
// it writes through mappings. Hence the seal, which is checked before a volume is opened; the
// trimming of a crashed volume's logs; and the space that is reserved before a volume is written.
//
// # Not here
//
// What is in a segment: package dataflow/state. When checkpoints are taken: package
// actors/checkpoint. Copies on other machines.
package snapshot
