package table

import "fmt"

// ChangeKind is what has become of a row.
type ChangeKind uint8

// The kinds of change. Numbers are stable: they are part of checkpoints.
const (
	// Inserted rows were not there before.
	Inserted ChangeKind = iota
	// Changed rows were there and have another value now.
	Changed
	// Deleted rows are gone.
	Deleted
)

var kinds = [...]string{"insert", "change", "delete"}

// String is the kind in a word: insert, change or delete.
func (k ChangeKind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return fmt.Sprintf("ChangeKind(%d)", uint8(k))
}

// MarshalText writes the word, also in JSON.
func (k ChangeKind) MarshalText() ([]byte, error) {
	if int(k) >= len(kinds) {
		return nil, fmt.Errorf("write kind of change: %v is none", k)
	}
	return []byte(kinds[k]), nil
}

// UnmarshalText reads the word.
func (k *ChangeKind) UnmarshalText(text []byte) error {
	for i, word := range kinds {
		if string(text) == word {
			*k = ChangeKind(i)
			return nil
		}
	}
	return fmt.Errorf("read kind of change: %.20q is not insert, change or delete", text)
}

// Update is one change of the row of a key. Before is what the row was, as the
// last update of the key said, or zero if the row is inserted; After is what it
// is now, or zero if it is deleted. The two differ unless the row is inserted
// or deleted.
type Update[K comparable, V any] struct {
	Key    K
	Kind   ChangeKind
	Before V
	After  V
}

// row is the value of a row that may not be there.
type row[V any] struct {
	Value V
	There bool
}

// change returns the update that makes one row of another, and whether there
// is any difference.
func change[K, V comparable](key K, before, after row[V]) (Update[K, V], bool) {
	u := Update[K, V]{Key: key, Kind: Changed, Before: before.Value, After: after.Value}
	switch {
	case before.There && after.There:
		return u, before.Value != after.Value
	case after.There:
		u.Kind = Inserted
	default:
		u.Kind = Deleted
	}
	return u, before.There || after.There
}
