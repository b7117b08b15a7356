// Package planv1 is the form in which processes can tell each other a plan, generated from
// plan.proto. No process does so yet; what is printed is the form of package dataflow/plan.
//
// A [Plan] is a list of [Vertex], each a chain of [Step] that runs in one task, and a list of [Edge]
// with the [Partitioning] that chooses the receiving subtask. [Guarantee] is the flow's promise.
//
//	p := &planv1.Plan{Flow: "wordcount", KeyGroups: 128}
//	text, err := protojson.Marshal(p)
//
// Guarantees: fields are only ever added, names and numbers never reused (buf's WIRE_JSON rules).
//
// Not here: functions. Go cannot ship closures, so a plan only lets a node check that the flow it
// builds from its own code is the one that was meant.
package planv1
