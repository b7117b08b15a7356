package capacity

import (
	"strings"
	"testing"
)

const orders = `{"stages": [
  {"name": "orders", "load": {"rate": 40000, "burst": 0.5, "cycle": "1s"}},
  {"name": "totals", "inputs": ["orders"], "parallelism": 4, "record": "40us", "selectivity": 0.5,
   "state": {"touched": "200B", "working": "50MB", "size": "200MB"}},
  {"name": "store", "inputs": ["totals"], "record": "5us", "batch": "100us"}],
 "checkpoints": {"interval": "5s", "encode": "300MB", "disk": "200MB", "sync": "20ms"},
 "goals": {"latency": "500ms"}, "duration": "20s", "policies": ["none", "governor"]}`

func TestReport(t *testing.T) {
	p, err := Read(strings.NewReader(orders))
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run()
	if err != nil {
		t.Fatal(err)
	}
	want := []Utilisation{
		{"orders", 40000, 1, 0, 1},
		{"totals", 40000, 4, 0.4, 3},   // 1.6 tasks' work; 3 are busy 53%
		{"store", 20000, 1, 0.1039, 1}, // 5 µs and a 512th of 100 µs
	}
	for i, u := range r.Stages {
		w := want[i]
		if d := u.Busy - w.Busy; u.Stage != w.Stage || u.Rate != w.Rate || u.Enough != w.Enough ||
			u.Parallelism != w.Parallelism || d > 1e-4 || d < -1e-4 {
			t.Errorf("got %+v, want %+v", u, w)
		}
	}
	if len(r.Policies) != 2 {
		t.Fatalf("got %d policies, want 2", len(r.Policies))
	}
	for _, o := range r.Policies {
		if o.Throughput < 38000 || o.Throughput > 42000 || o.InsideP50 <= 0 || o.InsideP99 < o.InsideP50 ||
			o.ArrivalP99 < o.InsideP99 || o.Checkpoint <= 0 || o.Stuck {
			t.Errorf("got %+v, want about 40000 records a second, and latencies in order", o)
		}
	}
	var b strings.Builder
	if err := r.Write(&b); err != nil || !strings.Contains(b.String(), "governor") {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestEnough(t *testing.T) {
	for _, test := range []struct {
		work, hot float64
		want      int
	}{{0.1, 0, 1}, {0.66, 0, 1}, {1, 0, 2}, {6.6, 0, 10}, {1, 0.5, 3}, {2, 0.5, 0}} {
		if got := enough(test.work, test.hot); got != test.want {
			t.Errorf("work %v, hot %v: got %d, want %d", test.work, test.hot, got, test.want)
		}
		if n := test.want; n > 0 && test.work*hottest(test.hot, n) > comfortable+1e-9 {
			t.Errorf("work %v, hot %v: %d subtasks are not enough", test.work, test.hot, n)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, says := range map[string]string{
		`{}`:                         "no stages",
		`{"stage": []}`:              "unknown field",
		`{"stages": [{"name":"a"}]}`: "neither inputs nor a load",
		`{"stages": [{"name":"a","load":{},"inputs":["a"]}]}`:         "only a source",
		`{"stages": [{"name":"a","load":{}},{"name":"a","load":{}}]}`: "name of its own",
		`{"stages": [{"name":"a","inputs":["b"]}]}`:                   "no earlier stage",
		`{"stages": [{"name":"a","load":{},"record":5}]}`:             "a duration in quotes",
		`{"stages": [{"name":"a","load":{},"record":"-5s"}]}`:         "want a duration",
		`{"stages": [{"name":"a","load":{},"state":{"size":"big"}}]}`: "want a size",
		`{"stages": [{"name":"a","load":{},"parallelism":20000}]}`:    "parallelism 20000",
		`{"stages": [{"name":"a","load":{},"hot":2}]}`:                "from 0 to 1",
		`{"stages": [{"name":"a","load":{"rate":-1}}]}`:               "a rate from 0 on",
		`{"stages": [{"name":"a","load":{}}],"policies":["best"]}`:    "want none, pid or governor",
		`{"stages": [{"name":"a","load":{}}],"duration":"1000h"}`:     "at most",
		`{"stages": [{"name":"a","load":{}}]} x`:                      "after its end",
		`{"stages": [{"name":"a","load":{},"selectivity":-1}]}`:       "is negative",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want an error with %q", text, err, says)
		}
	}
}
