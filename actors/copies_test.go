package actors

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/test/virtual"
)

// heavy takes long to encode.
type heavy struct{ n uint64 }

const heavyTakes = 100 * time.Microsecond

func (h *heavy) MarshalBinary() ([]byte, error) {
	<-time.After(heavyTakes) // virtual
	return binary.BigEndian.AppendUint64(nil, h.n), nil
}

func (h *heavy) UnmarshalBinary(b []byte) error {
	h.n = binary.BigEndian.Uint64(b)
	return nil
}

// TestCopiesAreInTheCost puts the encoding off until records have changed every entry again:
// what a checkpoint cost is then the time of copying them.
func TestCopiesAreInTheCost(t *testing.T) {
	const keys = 200
	virtual.Test(t, func(t *testing.T) {
		src := &scripted{order: []string{"a"}, splits: map[string][]cue{}}
		for i := range 60 * keys {
			src.splits["a"] = append(src.splits["a"], cue{time.Millisecond, ev{Key: i % keys}})
		}
		cfg := Config{
			Parallelism: 1, CheckpointInterval: time.Second,
			Policy: func(governor.Config) governor.Policy { return revising{500 * time.Millisecond} },
		}
		r := runJob(t, cfg, func(g *dataflow.Graph) {
			in := dataflow.Map(dataflow.Read(g, "in", src), "heavy", func(e ev) heavy { return heavy{uint64(e.Key)} })
			last := dataflow.Rolling(dataflow.KeyBy(in, "by-key", func(h heavy) uint64 { return h.n }), "last",
				agg.Last[heavy]())
			dataflow.Write(dataflow.Map(last, "key", func(e operator.Entry[uint64, heavy]) int { return int(e.Key) }),
				"out", newLedger[int]())
		})
		var cost time.Duration
		r.watch(10*time.Millisecond, func(s *Stats) {
			for i := range s.Tasks {
				if g := &s.Tasks[i].Governed; g.State > 0 {
					cost = max(cost, g.Last.Encode)
				}
			}
		})
		r.end(false)
		if want := keys * heavyTakes; cost < want*9/10 || cost > want*11/10 {
			t.Errorf("checkpoints cost at most %v, want %v for copying %d entries", cost, want, keys)
		}
	})
}
