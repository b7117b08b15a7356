package operator

import "github.com/flyball-stream/flyball/dataflow/state"

// An Updater is a table whose entries are updated in the order of a keyed
// batch: it looks the keys up a run at a time, if the table can.
type Updater[K comparable, V any] struct {
	state.Keyed[K, V]
	locate state.Locator[K, V] // nil if the table cannot look up many keys at once
	moves  *uint64
	moved  uint64 // moves when the run was located
	at     [state.LocateSize]*V
}

// OpenUpdater opens a table; see [state.Open].
func OpenUpdater[K comparable, V any](
	b *state.Backend, spec state.Spec[K, V],
) (u Updater[K, V], err error) {
	u.Keyed, err = state.Open(b, spec)
	if u.locate, _ = u.Keyed.(state.Locator[K, V]); u.locate != nil {
		u.moves = u.locate.Moves()
	}
	return u, err
}

// UpdateNext returns the value of key number i, as [state.Keyed.Update] does.
// It is to be called for each i from 0 to len(keys)-1 in turn.
func (u *Updater[K, V]) UpdateNext(keys []K, hashes []uint64, i int) (v *V, created bool) {
	if i%len(u.at) == 0 {
		u.look(keys[i:], hashes[i:])
	}
	if v = u.at[i%len(u.at)]; v != nil && u.moved == *u.moves {
		return v, false
	}
	return u.Update(keys[i], hashes[i])
}

// look locates the next run.
func (u *Updater[K, V]) look(keys []K, hashes []uint64) {
	if u.locate == nil {
		return
	}
	n := min(len(u.at), len(keys))
	u.locate.Locate(keys[:n], hashes[:n], u.at[:n])
	u.moved = *u.moves
}
