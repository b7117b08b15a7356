package window

import "github.com/flyball-stream/flyball/dataflow/state"

// ahead collects the hashes of entries that will soon be looked up. The zero value
// does nothing.
type ahead struct {
	table  state.Fetcher
	hashes []uint64
}

// at begins to fetch from a table, if that can.
func (a *ahead) at(table any) { a.table, _ = table.(state.Fetcher) }

// add notes an entry; of too many it forgets some.
func (a *ahead) add(hash uint64) {
	if a.table != nil && len(a.hashes) < state.LocateSize {
		a.hashes = append(a.hashes, hash)
	}
}

// fetch brings the entries into the caches.
func (a *ahead) fetch() {
	if len(a.hashes) > 0 {
		a.table.Fetch(a.hashes)
		a.hashes = a.hashes[:0]
	}
}
