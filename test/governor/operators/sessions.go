package operators

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/window"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

const quiet = 3 * time.Hour

var sessions = Operator{
	Name: "sessions", Step: "swarms", Share: 1, Whole: true,
	Load:  func(Inputs) (*replay.Data, error) { return replay.Earthquakes() },
	state: func(*replay.Data) int64 { return sessionsOpen },
	steps: func(s dataflow.Stream[replay.Record]) dataflow.Stream[Row] {
		byRegion := dataflow.KeyBy(s, "by-region", keyOf)
		cut := dataflow.Window(byRegion, window.Session(quiet))
		swarms := dataflow.Aggregate(cut, "swarms", agg.Aggregate[replay.Record, swarm, Row]{
			Name: "swarm", Add: swarm.add, Merge: swarm.and, Result: swarm.row,
		})
		return dataflow.Map(swarms, "row", pane)
	},
}

// sessionsOpen is about what the open sessions come to, in bytes.
const sessionsOpen = 8 << 10

// shock is one earthquake of a swarm.
type shock struct{ Magnitude, Depth float64 }

// swarm are the earthquakes of a session, in order.
type swarm struct{ Shocks []shock }

func (s swarm) add(r replay.Record) swarm {
	return swarm{append(s.Shocks, shock{r.Value, float64(r.Place)})}
}

func (s swarm) and(t swarm) swarm { return swarm{append(s.Shocks, t.Shocks...)} }

// row has the greatest magnitude of the swarm.
func (s swarm) row() Row {
	r := Row{N: int64(len(s.Shocks)), Value: -10}
	for _, one := range s.Shocks {
		r.Value = max(r.Value, one.Magnitude)
	}
	return r
}
