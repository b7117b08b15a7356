package simulate

import (
	"math/rand/v2"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// Spec is a simulation. Zero fields have defaults.
type Spec struct {
	Flow        Flow
	Checkpoints Checkpointing
	Duration    time.Duration // input ends then; default 60 s
	Warmup      time.Duration // not measured
	Period      time.Duration // control period; default 100 ms
	Sample      time.Duration // between points of the series; default 1 s
	Window      governor.Window
	BatchSize   int64         // records; default 512
	RecordBytes int64         // default 100
	Linger      time.Duration // default 5 ms
	Wake        time.Duration // until a sender that got credit runs; default 20 µs
	// Policy makes the policy of a task. Default fixed windows.
	Policy func(Place) governor.Policy
	// Lose is the part of the control periods whose observation is lost.
	Lose float64
	// Goal is the latency that Result.Within is about.
	Goal time.Duration
	Seed uint64
}

// Place is where a task stands in a simulated flow.
type Place struct {
	Stage, Subtask int
	Task, Tasks    int // its number among all
	Hops           int // as [governor.Hops] of its stage
	Channels       int // of all tasks
}

// Config is the place as a governor's configuration.
func (p Place) Config(g governor.Goals) governor.Config {
	return governor.Config{
		Goals: g, Hops: max(1, p.Hops), Task: p.Task, Tasks: p.Tasks, Channels: max(1, p.Channels),
	}
}

// simulation is a run under way.
type simulation struct {
	spec   Spec
	rand   *rand.Rand
	now    time.Duration
	agenda agenda
	tasks  []*task
	round  round
	disk   time.Duration // when it is free
	wrote  time.Duration // how long it has written, up to then
	memory int64
	flight int64 // bytes in flight
	res    collector
	over   bool // input has ended
	done   bool // and all has left
}

// Run simulates until the input has ended and all that can leave has left. The
// same specification gives the same result.
func Run(spec Spec) (Result, error) {
	if err := spec.Flow.validate(); err != nil {
		return Result{}, err
	}
	spec = spec.withDefaults()
	s := &simulation{spec: spec, rand: rand.New(rand.NewPCG(spec.Seed, 0x73696d))}
	s.build()
	s.begin()
	limit := spec.Duration + max(spec.Duration, time.Minute)
	for len(s.agenda.events) > 0 {
		e := s.agenda.pop()
		if e.at > limit || s.done {
			break
		}
		s.now = e.at
		s.handle(e)
	}
	return s.result(), nil
}

func (spec Spec) withDefaults() Spec {
	orElse(&spec.Duration, time.Minute)
	orElse(&spec.Period, 100*time.Millisecond)
	orElse(&spec.Sample, time.Second)
	orElse(&spec.Window, governor.DefaultWindow)
	orElse(&spec.BatchSize, 512)
	orElse(&spec.RecordBytes, 100)
	orElse(&spec.Linger, 5*time.Millisecond)
	orElse(&spec.Wake, 20*time.Microsecond)
	orElse(&spec.Checkpoints.Slowdown, 1)
	if spec.Policy == nil {
		w := spec.Window
		spec.Policy = func(Place) governor.Policy { return governor.Fixed(w) }
	}
	return spec
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// controlGroups is into how many groups the tasks are divided, which decide one
// after the other within a period.
const controlGroups = 10

func (s *simulation) begin() {
	for _, t := range s.tasks {
		if t.source != nil {
			s.at(0, arrived, t)
		}
		s.decide(t) // before anything flows
	}
	for g := range controlGroups {
		s.agenda.push(event{at: s.spec.Period * time.Duration(g+1) / controlGroups, kind: control, arg: uint64(g)})
	}
	if every := s.spec.Checkpoints.Interval; every > 0 {
		s.round.next = every
		s.agenda.push(event{at: every, kind: injected})
	}
	s.agenda.push(event{at: s.spec.Sample, kind: sampled})
}

// at puts an event of a task on the agenda.
func (s *simulation) at(when time.Duration, k kind, t *task) {
	s.agenda.push(event{at: when, kind: k, task: int32(t.id)})
}

func (s *simulation) handle(e event) {
	t := s.tasks[e.task]
	switch e.kind {
	case worked:
		s.finish(t)
		s.run(t)
	case woken:
		s.run(t)
	case arrived:
		s.arrive(t)
	case flushed:
		t.flush = false
		s.run(t)
	case written:
		s.written(t, e.arg)
	case resumed:
		t.ckpt.waiting = false
		if t.source != nil {
			t.source.retry = false
		}
		s.run(t)
	case injected:
		s.inject()
	case control:
		s.control(int(e.arg))
	case sampled:
		s.sample()
	}
}

func (s *simulation) arrive(t *task) {
	src := t.source
	if s.now >= s.spec.Duration {
		src.ended = true
		s.over = true
	} else {
		if !src.load.Saturated {
			src.tick(s.now)
		}
		s.at(s.now+arrivalTick, arrived, t)
	}
	s.run(t)
}

// control has a group of tasks observe and decide.
func (s *simulation) control(group int) {
	s.done = s.over && group == 0 && s.quiet()
	s.agenda.push(event{at: s.now + s.spec.Period, kind: control, arg: uint64(group)})
	for i := group; i < len(s.tasks); i += controlGroups {
		t := s.tasks[i]
		if s.spec.Lose > 0 && s.rand.Float64() < s.spec.Lose {
			t.observe(s.now, s) // and nobody hears of it
			continue
		}
		s.decide(t)
		if t.source != nil {
			s.run(t)
		}
	}
}

// decide has a task observe and decide, and carries it out.
func (s *simulation) decide(t *task) {
	t.policy.Step(t.observe(s.now, s), &t.decision)
	for j, g := range t.decision.Grants {
		ch := t.inputs[j]
		ch.rate, ch.batch = g.Rate, s.spec.BatchSize
		if t.decision.Batch > 0 {
			ch.batch = min(ch.batch, int64(t.decision.Batch))
		}
		if ch.resize(g.Window) {
			s.at(s.now+s.spec.Wake, woken, ch.from)
		}
	}
}
