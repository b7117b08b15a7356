package state

import (
	"errors"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// encodeError is the failure to encode an entry, found while a table was
// being used or written.
type encodeError struct {
	step, state string
	err         error
}

func (e encodeError) Error() string {
	return fmt.Sprintf("step %q: save state %q: %v", e.step, e.state, e.err)
}

func (e encodeError) Unwrap() error { return e.err }

// restore fills the table with a checkpoint's blocks.
func (m *memory[K, V]) restore(from Restore) error {
	stored, ok := from.Schema(m.spec.Name)
	if !ok {
		return nil
	}
	key, err := reader(m.spec.Key, stored.Key)
	if err != nil {
		return fmt.Errorf("restore key: %w", err)
	}
	value, err := reader(m.spec.Value, stored.Value)
	if err != nil {
		return fmt.Errorf("restore value: %w", err)
	}
	m.older = stored != m.schema()
	return from.Each(m.spec.Name, func(s Stored) error {
		if !m.b.cfg.Range.Has(s.Group) {
			return nil
		}
		if err := m.load(s, key, value); err != nil {
			return fmt.Errorf("restore key group %d: %w", s.Group, err)
		}
		return nil
	})
}

// reader returns a decoder that understands what was stored.
func reader[T any](today codec.Codec[T], stored string) (codec.Decoder[T], error) {
	if stored == today.Schema().String() {
		return today, nil
	}
	schema, err := codec.ParseSchema(stored)
	if err != nil {
		return nil, err
	}
	if own, ok := today.(interface {
		Reader(stored codec.Schema) (codec.Decoder[T], error)
	}); ok {
		return own.Reader(schema)
	}
	return codec.Reader[T](schema)
}

func (m *memory[K, V]) load(s Stored, key codec.Decoder[K], value codec.Decoder[V]) error {
	g := &m.groups[s.Group-m.b.cfg.Range.From]
	g.ran(s)
	if len(s.Data) == 0 || s.Data[0] != blockVersion {
		return fmt.Errorf("block format is not version %d; restore with the release that wrote it",
			blockVersion)
	}
	entries := 0
	for rest := s.Data[1:]; len(rest) > 0; entries++ {
		var err error
		if rest, err = m.loadEntry(g, rest, key, value); err != nil {
			return err
		}
	}
	m.puts.add(entries, len(s.Data))
	return nil
}

// ran accounts for one block of a stored run.
func (g *group[K, V]) ran(s Stored) {
	for len(g.runs) <= s.Run {
		g.runs = append(g.runs, run{tier: restored})
	}
	g.runs[s.Run].bytes += len(s.Data)
}

func (m *memory[K, V]) loadEntry(
	g *group[K, V], data []byte, key codec.Decoder[K], value codec.Decoder[V],
) ([]byte, error) {
	var k K
	rest, err := key.Decode(data[1:], &k)
	if err != nil {
		return nil, err
	}
	hash := m.spec.Hash(k)
	if GroupOf(hash, m.total) != g.number {
		return nil, errors.New("the key hashes to another key group than it did")
	}
	pos := g.find(k, uint32(hash))
	switch data[0] {
	case kindDelete:
		if pos >= 0 {
			g.remove(pos)
			m.n--
		}
		return rest, nil
	case kindPut:
		if pos < 0 {
			pos, _ = g.insert(k, uint32(hash), m.spec.Hash)
			m.n++
		}
		e := &g.entries[pos]
		var zero V
		e.value, e.changed, e.saved = zero, epochRestored, epochRestored|flagLive|flagStored
		return value.Decode(rest, &e.value)
	}
	return nil, fmt.Errorf("unknown kind of entry %q", data[0])
}
