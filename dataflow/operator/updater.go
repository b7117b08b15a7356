package operator

import "github.com/flyball-stream/flyball/dataflow/state"

// An Updater is a table whose entries are updated in the order of a keyed
// batch: it looks the keys up a run at a time, if the table can.
type Updater[K comparable, V any] struct {
	state.Keyed[K, V]
	locate state.Locator[K, V] // nil if the table cannot look up many keys at once
	at     [state.LocateSize]int32
}

// OpenUpdater opens a table; see [state.Open].
func OpenUpdater[K comparable, V any](
	b *state.Backend, spec state.Spec[K, V],
) (u Updater[K, V], err error) {
	u.Keyed, err = state.Open(b, spec)
	u.locate, _ = u.Keyed.(state.Locator[K, V])
	return u, err
}

// UpdateNext returns the value of key number i, as [state.Keyed.Update] does.
// It is to be called for each i from 0 to len(keys)-1 in turn.
func (u *Updater[K, V]) UpdateNext(keys []K, hashes []uint64, i int) (v *V, created bool) {
	if u.locate == nil {
		return u.Update(keys[i], hashes[i])
	}
	n := i % len(u.at)
	if n == 0 {
		end := min(i+len(u.at), len(keys))
		u.locate.Locate(keys[i:end], hashes[i:end], u.at[:end-i])
	}
	return u.locate.UpdateAt(u.at[n], keys[i], hashes[i])
}
