// Package plan holds a flow as a graph of named steps, and the same flow as
// it will run: steps chained into vertices, vertices cut into subtasks, and
// edges that say how records are dealt to them.
//
// The nouns:
//
//   - [Graph] is what the user said: [Step] values in the order in which they
//     were written, each with its [Input] edges.
//   - [Plan] is what will run, made by [Compile]: a [Vertex] is a chain of
//     steps that one task executes, an [Edge] carries batches between two.
//   - [Partitioning] is how an edge deals records to subtasks.
//   - The fingerprint identifies a graph across processes; parallelism is not
//     part of it.
//   - [Plan.Text] and [Plan.Dot] print a plan; JSON is the third form.
//
// Printing the plan of a flow:
//
//	g, err := wordcount.Build(params)
//	p, err := plan.Compile(g, plan.Config{Parallelism: 2})
//	err = p.Text(os.Stdout)
//
// # Guarantees
//
// Compiling is deterministic: the same graph and configuration give the same
// plan on every machine.
//
// # Not here
//
// Types: the graph knows batches only by their [operator.Shape]. And mistakes
// of a flow's author: package dataflow finds them while the graph is built.
package plan
