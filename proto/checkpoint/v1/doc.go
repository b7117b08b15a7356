// Package checkpointv1 is the stored form of a checkpoint's manifest, generated from manifest.proto.
//
// A [Manifest] holds one [TaskSnapshot] for each subtask; that holds [SplitOffset] for what a source
// had read, [PendingCommit] for what a sink had prepared, and [StateSnapshot] as a list of [Segment]
// that point at blocks in the snapshot store.
//
//	var m checkpointv1.Manifest
//	if err := proto.Unmarshal(stored, &m); err != nil {
//		return fmt.Errorf("read manifest: %w", err)
//	}
//	fmt.Println(m.GetFlow(), m.GetCheckpoint(), len(m.GetTasks()))
//
// Guarantees: fields are only ever added, names and numbers never reused (buf's WIRE_JSON rules), so
// an older manifest stays readable. Repeated fields are used where a map would make the bytes differ
// from run to run.
//
// Not here: the segments' content, which package actors/snapshot writes and checks, and any decision
// about which manifest to restore.
package checkpointv1
