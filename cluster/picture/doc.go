// Package picture draws how a run went as SVG: what was read and written, how
// long records were inside, the credits in use, and checkpoints as bands behind
// all of it.
//
// The nouns:
//
//   - [Point] is a run in one short time.
//   - [Sampler] makes points of the stats of a job.
//   - [Picture] collects points, checkpoints and events, and draws them.
//
// In use:
//
//	p, s := picture.New("flow late"), picture.Sampler{}
//	if point, ok := s.Sample(job.Stats(), elapsed, time.Now()); ok {
//		p.Add(point)
//	}
//	err := p.Write(file)
//
// # How long records are inside
//
// Nobody measures it record by record, so it is estimated: channels are queues,
// and if as many bytes are in flight behind a step as it has sent in the last
// second, the record that leaves them was inside for a second. Where the rate is
// steady this is Little's law (Operations Research 9, 1961); where nothing moves,
// what is in flight grows older by the time that passes. The times are summed
// along the path of steps for which that is most. Bytes in flight are known of
// the whole job only; they are divided over steps as the credits in use are. What
// waits for a batch to fill, or as state for a window to end, is not counted.
//
// # Guarantees
//
// A picture needs the same memory for a run of a week as for one of minutes: its
// points get coarser. Rates and credits of points that become one are their
// mean, weighed by time; times inside are their maximum, so that no peak that
// was sampled is lost. What is written is well-formed XML, whatever names and
// errors say.
//
// # Not here
//
// Clocks, goroutines and files. Nothing is safe for concurrent use.
package picture
