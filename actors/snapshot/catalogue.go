package snapshot

import (
	"slices"

	checkpointv1 "github.com/flyball-stream/flyball/proto/checkpoint/v1"
)

// catalogue says which checkpoints the directory holds and which numbers are taken. A value is
// never changed: every change makes the next one and stores it.
type catalogue struct {
	sequence   uint64
	generation Generation
	checkpoint uint64 // the highest ever begun
	entries    []Info // oldest first
}

// next returns a copy to be changed.
func (c *catalogue) next() *catalogue {
	n := *c
	n.sequence++
	n.entries = slices.Clone(c.entries)
	return &n
}

func (c *catalogue) find(id uint64) (Info, bool) {
	i := slices.IndexFunc(c.entries, func(e Info) bool { return e.ID == id })
	if i < 0 {
		return Info{}, false
	}
	return c.entries[i], true
}

// newest is the number of the newest retained checkpoint, 0 if there is none.
func (c *catalogue) newest() uint64 {
	if len(c.entries) == 0 {
		return 0
	}
	return c.entries[len(c.entries)-1].ID
}

// drop removes a checkpoint.
func (c *catalogue) drop(id uint64) {
	c.entries = slices.DeleteFunc(c.entries, func(e Info) bool { return e.ID == id })
}

// retire removes all but the newest checkpoints and every savepoint, and returns what it removed.
func (c *catalogue) retire(retain int) (retired []uint64) {
	kept := 0
	for i := len(c.entries) - 1; i >= 0; i-- {
		e := c.entries[i]
		if e.Kind == Savepoint {
			continue
		}
		if kept++; kept > retain {
			retired = append(retired, e.ID)
		}
	}
	for _, id := range retired {
		c.drop(id)
	}
	return retired
}

func (c *catalogue) toWire() *checkpointv1.Catalogue {
	w := &checkpointv1.Catalogue{
		FormatVersion: formatVersion, Sequence: c.sequence, Generation: uint64(c.generation),
		Checkpoint: c.checkpoint,
	}
	for _, e := range c.entries {
		w.Entries = append(w.Entries, &checkpointv1.CatalogueEntry{
			Checkpoint: e.ID, Generation: uint64(e.Generation), Kind: kindToWire(e.Kind),
			Label: e.Label, CreatedUnixNanos: unixNanos(e.Created), Final: e.Final,
			Segments: uint64(e.Segments), Bytes: uint64(e.Bytes),
		})
	}
	return w
}

func catalogueFromWire(w *checkpointv1.Catalogue) (*catalogue, error) {
	if err := checkVersion(w.FormatVersion); err != nil {
		return nil, err
	}
	c := &catalogue{
		sequence: w.Sequence, generation: Generation(w.Generation), checkpoint: w.Checkpoint,
	}
	for _, e := range w.Entries {
		c.entries = append(c.entries, Info{
			ID: e.Checkpoint, Generation: Generation(e.Generation), Kind: kindFromWire(e.Kind),
			Label: e.Label, Created: fromUnixNanos(e.CreatedUnixNanos), Final: e.Final,
			Segments: int(e.Segments), Bytes: int64(e.Bytes),
		})
	}
	return c, nil
}
