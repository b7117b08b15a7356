package actors

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/test/virtual"
)

// TestMicroBatches compares the batches of a job with what they should be: of
// the size that the policy wants, each after the other, every third with a
// checkpoint.
func TestMicroBatches(t *testing.T) {
	const n, size, splits = 40_000, 3000, 3
	var batches []governor.CompletedBatch
	cfg := Config{Parallelism: 2, MicroBatch: &MicroBatch{
		Interval: 5 * time.Millisecond, Every: 3,
		Policy: func() governor.BatchPolicy { return governor.FixedBatch(size) },
	}}
	cfg.Events.Batch = func(b governor.CompletedBatch) { batches = append(batches, b) }
	checkpoints := 0
	cfg.Events.Checkpoint = func(CheckpointInfo) { checkpoints++ }
	out := newLedger[int]()
	err := runGraph(t, cfg, func(g *dataflow.Graph) {
		in := dataflow.Read(g, "numbers", &numbers{n: n, splits: splits})
		dataflow.Write(dataflow.Map(dataflow.Rebalance(in), "same", func(i int) int { return i }), "out", out)
	})
	if err != nil {
		t.Fatal(err)
	}
	wantNumbers(t, out.all(), func(int) int { return 1 }, n)
	var sum int64
	with := 0
	for i, b := range batches {
		sum += b.Records
		// Sources read whole batches of theirs and make up for what is too much.
		if most := int64(size + 2*operator.BatchSize); b.Records > most {
			t.Errorf("batch %d has %d records, want at most %d", i+1, b.Records, most)
		}
		if b.Checkpoint > 0 {
			with++
		}
		if (b.Checkpoint > 0) != ((i+1)%3 == 0) {
			t.Errorf("batch %d: checkpoint took %v, want one in every third", i+1, b.Checkpoint)
		}
		if i > 0 && b.Started < batches[i-1].Done || b.Started < b.Closed || b.Done < b.Started {
			t.Errorf("batch %d does not follow: %+v", i+1, b)
		}
	}
	if sum < n*9/10 || len(batches) < n/size {
		t.Errorf("%d batches with %d records, want nearly all of %d", len(batches), sum, n)
	}
	if checkpoints < with {
		t.Errorf("%d checkpoints for %d batches that had one", checkpoints, with)
	}
}

// TestMicroBatchesTellWhatTheySaved has every record add an entry: what all
// checkpoints so far have saved is what there is.
func TestMicroBatchesTellWhatTheySaved(t *testing.T) {
	const n, size = 90_000, 3000
	var saved []governor.CompletedBatch
	cfg := Config{Parallelism: 2, MicroBatch: &MicroBatch{
		Interval: 5 * time.Millisecond, Every: 3,
		Policy: func() governor.BatchPolicy { return governor.FixedBatch(size) },
	}}
	cfg.Events.Batch = func(b governor.CompletedBatch) {
		if b.Checkpoint > 0 {
			saved = append(saved, b)
		}
	}
	err := runGraph(t, cfg, func(g *dataflow.Graph) {
		in := dataflow.KeyBy(dataflow.Read(g, "numbers", &numbers{n: n, splits: 2}), "by-number",
			func(i int) int { return i })
		last := dataflow.Rolling(in, "last", agg.Last[int]())
		dataflow.Write(dataflow.Map(last, "key", func(e operator.Entry[int, int]) int { return e.Key }),
			"out", newLedger[int]())
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(saved) < 5 { // of which the first says nothing, nor does the last
		t.Fatalf("got %d checkpoints, want ten or so", len(saved))
	}
	// Before the first, how long an entry is when encoded is a guess; the last may be
	// that of the end.
	sum := saved[1].State - saved[1].Dirty
	for i, b := range saved[1 : len(saved)-1] {
		sum += b.Dirty
		if b.Dirty <= 0 || sum < b.State*9/10 || sum > b.State*11/10 {
			t.Errorf("checkpoint %d saved %d bytes, %d with those before, of a state of %d",
				i+2, b.Dirty, sum, b.State)
		}
	}
}

// TestMicroBatchesFillBehindASlowStep has a source wait for credit for much
// longer than it would wait for records: its batches are as large as wanted all
// the same.
func TestMicroBatchesFillBehindASlowStep(t *testing.T) {
	virtual.Test(t, func(t *testing.T) {
		const n, size = 40_000, 8000
		cfg := Config{Window: governor.Window{Batches: 1, Bytes: 1 << 20}, MicroBatch: &MicroBatch{
			Interval: 5 * time.Millisecond,
			Policy:   func() governor.BatchPolicy { return governor.FixedBatch(size) },
		}}
		var batches []governor.CompletedBatch
		cfg.Events.Batch = func(b governor.CompletedBatch) { batches = append(batches, b) }
		out := newLedger[int]()
		r := runJob(t, cfg, func(g *dataflow.Graph) {
			in := dataflow.Read(g, "numbers", &numbers{n: n, splits: 1})
			slow := dataflow.Map(dataflow.Rebalance(in), "slow", func(i int) int {
				if i%operator.BatchSize == 0 {
					time.Sleep(time.Second)
				}
				return i
			})
			dataflow.Write(slow, "out", out)
		})
		r.end(false)
		time.Sleep(2 * time.Second)
		wantNumbers(t, out.all(), func(int) int { return 1 }, n)
		for i, b := range batches[:min(len(batches), n/size-1)] {
			if b.Records < size-operator.BatchSize {
				t.Errorf("batch %d has %d records, want about %d", i+1, b.Records, size)
			}
		}
		if len(batches) < n/size-1 {
			t.Errorf("%d batches, want %d or so", len(batches), n/size)
		}
	})
}

// TestWantOfRecords: a batch ends early when the input has nothing, not when the
// source's goroutines have had no processor.
func TestWantOfRecords(t *testing.T) {
	const linger, now = 5 * time.Millisecond, int64(time.Second)
	for _, c := range []struct {
		name  string
		split func(*openSplit)
		want  bool // records may be on their way
	}{
		{"not come to the request", func(*openSplit) {}, true},
		{"just begun", func(s *openSplit) { s.reads.begin(now - int64(time.Millisecond)) }, true},
		{"reads for long", func(s *openSplit) { s.reads.begin(now - int64(linger)) }, false},
		{"delivered, not taken", func(s *openSplit) { s.reads.begin(0); s.reads.end() }, true},
		{"held back for another split", func(s *openSplit) { s.ready = &fetched{} }, false},
		{"brought nothing", func(s *openSplit) { s.dry = true }, false},
	} {
		r := &reading{task: &task{env: &environment{linger: linger}}}
		if r.delivers(now) {
			t.Error("a source without splits has records on their way")
		}
		s := &openSplit{}
		c.split(s)
		r.open = []*openSplit{s}
		if got := r.delivers(now); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
