package actors

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
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
