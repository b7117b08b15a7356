package governor

// Hops is, for each vertex of a graph, the number of vertices on the longest
// path through it, sources left out: among so many the latency goal is divided,
// and no path exceeds it. Inputs lists the vertices that each reads from, all of
// them earlier ones; a source has none. A source without readers has 0.
func Hops(inputs [][]int) []int {
	from := make([]int, len(inputs)) // longest path that ends here
	for v, in := range inputs {
		for _, u := range in {
			from[v] = max(from[v], from[u]+1)
		}
	}
	hops := make([]int, len(inputs))
	to := make([]int, len(inputs)) // longest path that begins behind here
	for v := len(inputs) - 1; v >= 0; v-- {
		hops[v] = from[v] + to[v]
		for _, u := range inputs[v] {
			to[u] = max(to[u], to[v]+1)
		}
	}
	return hops
}
