package governor

import "math"

// flow is what passes through a task, lately: sums in which each period weighs
// less than the next.
type flow struct {
	records, batches, bytes float64
	outputs                 []outflow
	channels                []inflow
	// busy and blocked are the parts of the time, left by checkpoints, that were
	// spent in operators and waiting for credit.
	busy, blocked float64
	pressed       float64 // part of the periods in which more would have come
	drained       float64 // records a second, while it was so
}

// outflow is what leaves by one output.
type outflow struct {
	records float64
	lanes   []float64 // of them, by lane
}

// inflow is what came by one input channel.
type inflow struct {
	records float64 // a second
	batches float64 // a second
	starved bool    // more would have come
}

const (
	fade     = 0.8  // what a period counts in the next; the sums span five
	blend    = 0.3  // of a new rate in a moving one
	hindered = 0.05 // of the time blocked, from which on downstream binds
)

// fit makes room for the task's channels and outputs.
func (f *flow) fit(obs *Observation) {
	f.channels = sized(f.channels, len(obs.Channels))
	f.outputs = sized(f.outputs, len(obs.Outputs))
	for i, o := range obs.Outputs {
		f.outputs[i].lanes = sized(f.outputs[i].lanes, len(o.Lanes))
	}
}

// observe takes in a period. The flow must fit.
func (f *flow) observe(obs *Observation) {
	add(&f.records, obs.Records)
	add(&f.batches, obs.Batches)
	add(&f.bytes, obs.Bytes)
	for i, o := range obs.Outputs {
		add(&f.outputs[i].records, o.Records)
		for j, l := range o.Lanes {
			add(&f.outputs[i].lanes[j], l.Records)
		}
	}
	seconds := obs.Period.Seconds()
	for i, c := range obs.Channels {
		in := &f.channels[i]
		in.records += blend * (float64(max(0, c.Records))/seconds - in.records)
		in.batches += blend * (float64(max(0, c.Batches))/seconds - in.batches)
		in.starved = c.Starved
	}
	pressed := 0.0
	if starved(obs) {
		pressed = 1
	}
	f.pressed += blend * (pressed - f.pressed)
	f.load(obs)
	if obs.Checkpoint.Pending || obs.Checkpoint.Capture > 0 {
		return // no ordinary period
	}
	f.drained += blend * (float64(obs.Records)/seconds - f.drained)
}

// load takes in how busy the task was. Encoding fills the time that records
// leave; only if more of them would have come did it take the time from them.
func (f *flow) load(obs *Observation) {
	time := obs.Period.Seconds()
	if starved(obs) {
		time -= (obs.Checkpoint.Capture + obs.Checkpoint.Encode).Seconds()
	}
	if time > obs.Period.Seconds()/10 {
		f.busy += blend * (min(1, obs.Busy.Seconds()/time) - f.busy)
		f.blocked += blend * (min(1, obs.Blocked.Seconds()/time) - f.blocked)
	}
}

// batch is the records of a batch, on average, or otherwise if none has passed.
func (f *flow) batch(otherwise int) float64 {
	if f.batches < 1 || f.records < 1 {
		return float64(otherwise)
	}
	return max(1, f.records/f.batches)
}

// batchOf is the same for one channel; what has not brought a batch lately is
// like the others.
func (f *flow) batchOf(channel int, otherwise int) float64 {
	if in := f.channels[channel]; in.batches > 1 {
		return max(1, in.records/in.batches)
	}
	return f.batch(otherwise)
}

// record is the bytes of a record, on average, or 0 if none has passed.
func (f *flow) record() float64 {
	if f.records < 1 {
		return 0
	}
	return f.bytes / f.records
}

// downstream is the records a second that the task may take in so that no lane
// gets more than it was granted: the grant over the task's selectivity and the
// lane's share. It is infinite where nothing binds, as with an operator that
// selects nothing.
func (f *flow) downstream(obs *Observation) (rate float64, why Reason) {
	rate = math.Inf(1)
	for i, o := range obs.Outputs {
		for j, l := range o.Lanes {
			sent := f.outputs[i].lanes[j]
			if l.Rate <= 0 || sent < 1 || f.records < 1 {
				continue
			}
			if r := l.Rate * f.records / sent; r < rate {
				rate = r
				why = Reason{Rate: BoundDownstream, Limit: r, Output: i, Lane: j,
					Share: sent / max(sent, f.outputs[i].records)}
			}
		}
	}
	return rate, why
}

func add(sum *float64, n int64) { *sum = fade**sum + float64(max(0, n)) }

// sized is s with n elements, forgotten if it had another number.
func sized[T any](s []T, n int) []T {
	if len(s) != n {
		return make([]T, n)
	}
	return s
}
