package simulate

import (
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// build makes the tasks and channels.
func (s *simulation) build() {
	stages := s.spec.Flow.Stages
	byStage := make([][]*task, len(stages))
	inputs := make([][]int, len(stages))
	channels := 0
	for i := range stages {
		stage := &stages[i]
		inputs[i] = stage.Inputs
		for sub := range max(1, stage.Parallelism) {
			byStage[i] = append(byStage[i], s.newTask(stage, sub))
		}
		for _, in := range stage.Inputs {
			channels += s.connect(byStage[in], byStage[i], stage.Forward)
		}
	}
	hops := governor.Hops(inputs)
	for i, tasks := range byStage {
		for sub, t := range tasks {
			t.ckpt.missing = len(t.inputs)
			t.held = make([]queue, len(t.inputs))
			t.blocked = make([]bool, len(t.inputs))
			t.emitted = make([]float64, len(t.outputs))
			t.seen.outputs = make([]int64, len(t.outputs))
			t.policy = s.spec.Policy(Place{
				Stage: i, Subtask: sub, Task: t.id, Tasks: len(s.tasks), Hops: hops[i],
				Channels: channels,
			})
		}
	}
}

func (s *simulation) newTask(stage *Stage, sub int) *task {
	t := &task{id: len(s.tasks), stage: stage}
	if len(stage.Inputs) == 0 {
		t.source = &source{load: stage.Load, part: 1 / float64(max(1, stage.Parallelism))}
	}
	s.tasks = append(s.tasks, t)
	return t
}

// connect joins two stages and returns the number of channels.
func (s *simulation) connect(from, to []*task, forward bool) (channels int) {
	for i, up := range from {
		var lanes []*channel
		for j, down := range to {
			if forward && i != j {
				continue
			}
			ch := &channel{
				from: up, to: down, index: len(down.inputs), window: s.spec.Window,
				batches: s.spec.Window.Batches, bytes: int64(s.spec.Window.Bytes), weight: 1,
			}
			down.inputs = append(down.inputs, ch)
			lanes = append(lanes, ch)
			channels++
		}
		up.outputs = append(up.outputs, lanes)
	}
	return channels
}

// weigh sets the parts of an output that its lanes get at a time.
func weigh(lanes []*channel, now time.Duration) {
	if len(lanes) == 1 {
		return
	}
	stage := lanes[0].to.stage
	hot := stage.Hot
	if stage.HotAt > 0 && now >= stage.HotAt {
		hot = stage.HotThen
	}
	for i, ch := range lanes {
		ch.weight = (1 - hot) / float64(len(lanes))
		if i == 0 {
			ch.weight += hot
		}
	}
}
