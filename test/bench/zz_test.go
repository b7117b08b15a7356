package bench

import (
	"fmt"
	"context"
	"io"
	"os"
	"strconv"
	"testing"
	"time"
	"sort"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
)

type zsource struct{ n, keys int64 }

func (s zsource) Splits(context.Context) ([]operator.Split, error) { return []operator.Split{{ID: "all"}}, nil }
func (s zsource) Grows() bool                                      { return false }
func (s zsource) Replayable() bool                                 { return true }
func (s zsource) Open(context.Context, operator.Split, []byte) (dataflow.Reader[event], error) {
	return &zreader{s: s}, nil
}

type zreader struct {
	s    zsource
	next int64
}

var t0 = time.Now()

func (r *zreader) Read(_ context.Context, b *operator.Records[event]) error {
	now := int64(time.Since(t0))
	for !b.Full() && r.next < r.s.n {
		b.Append(event{Key: uint64(r.next) * 0x9e3779b97f4a7c15 >> 32 % uint64(r.s.keys), Value: now}, operator.MinTimestamp)
		r.next++
	}
	if r.next == r.s.n {
		return io.EOF
	}
	return nil
}
func (r *zreader) Offset() []byte { return nil }
func (r *zreader) Close() error   { return nil }

type zsink struct{ lat []time.Duration }

func (a *zsink) Delivery() operator.Delivery { return operator.Idempotent }
func (a *zsink) Open(operator.Place) (dataflow.Writer[operator.Entry[uint64, zstate]], error) { return a, nil }
func (a *zsink) Commit([]byte) error                       { return nil }
func (a *zsink) Recover() error                            { return nil }
func (a *zsink) Write(b *operator.Records[operator.Entry[uint64, zstate]]) error {
	now := int64(time.Since(t0))
	for i := 0; i < len(b.Values); i += 64 {
		a.lat = append(a.lat, time.Duration(now-b.Values[i].Value.Last))
	}
	return nil
}
func (a *zsink) Prepare(uint64) (operator.Prepared, error) { return nil, nil }
func (a *zsink) Close() error                              { return nil }

type zstate struct {
	Last, N int64
	Pad     [8]int64
}

func TestZ(t *testing.T) {
	n, _ := strconv.ParseInt(os.Getenv("ZN"), 10, 64)
	if n == 0 {
		n = 10_000_000
	}
	keys, _ := strconv.ParseInt(os.Getenv("ZKEYS"), 10, 64)
	if keys == 0 {
		keys = 1_000_000
	}
	goal, _ := time.ParseDuration(os.Getenv("ZGOAL"))
	policies := map[string]func(governor.Config) governor.Policy{
		"none": nil,
		"pid": func(c governor.Config) governor.Policy {
			p, err := governor.NewPID(c, governor.SparkGains, 0)
			if err != nil {
				t.Fatal(err)
			}
			return p
		},
		"governor": func(c governor.Config) governor.Policy { return governor.New(c) },
	}
	for round := 0; round < 3; round++ {
		for _, name := range []string{"none", "pid", "governor"} {
			f := dataflow.Define("count", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
				in := dataflow.Read(g, "events", zsource{n, keys})
				byKey := dataflow.KeyBy(in, "by-key", keyOf)
				_ = agg.Count[event]
				a := agg.Aggregate[event, zstate, zstate]{Add: func(s zstate, e event) zstate { s.N++; s.Last = e.Value; return s }, Result: func(s zstate) zstate { return s }}
				dataflow.Write(dataflow.Rolling(byKey, "count", a), "add", &zs)
			})
			zs = zsink{}
			var durs []time.Duration
			last := ""
			reasons := map[string]int{}
			cfg := actors.Config{CheckpointInterval: 3*time.Second, Policy: policies[name],
				Goals: governor.Goals{Latency: goal}}
			cfg.Events.Checkpoint = func(i actors.CheckpointInfo) { durs = append(durs, i.Duration) }
			pred := ""
			cfg.Events.Decision = func(d actors.Decided) {
				if len(d.Observation.Channels) > 0 {
					reasons[fmt.Sprint(d.Decision.Reason.Rate, "/", d.Decision.Reason.Window)]++
					last = fmt.Sprint(d.Decision.Grants, d.Decision.Reason, " busy ", d.Observation.Busy, d.Observation.Blocked, d.Observation.Period, d.Observation.Records, d.Decision.Pace)
					if id := d.Observation.Checkpoint.LastID; id > 0 {
						pred = fmt.Sprintf("%d %+v", id, d.Observation.Checkpoint.Last)
					}
				}
			}
			_, took := run(t, f, cfg)
			sort.Slice(zs.lat, func(i, j int) bool { return zs.lat[i] < zs.lat[j] })
			q := func(p float64) time.Duration { return zs.lat[int(p*float64(len(zs.lat)-1))].Round(10*time.Microsecond) }
			fmt.Printf("%-9s %.2f M/s p50 %v p99 %v p99.9 %v max %v checkpoints %d %v\n", name, float64(n)/took.Seconds()/1e6, q(.5), q(.99), q(.999), q(1), len(durs), durs)
			if name != "none" {
				fmt.Println("   ", last, "\n   ", reasons, pred)
			}
		}
	}
}

var zs zsink
