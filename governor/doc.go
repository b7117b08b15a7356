// Package governor decides how much may flow: which window of credit each
// input channel of a task is granted. It is pure: observations in, windows
// out, no clock, no goroutine, no I/O. Package actors observes, asks once a
// control period, and carries the answer to the upstream tasks as credits.
//
// The nouns:
//
//   - [Window] is what one channel may have in flight, in batches and bytes.
//   - [Observation] is what a task saw in one control period.
//   - [Policy] turns observations into windows; [Fixed] never changes its mind.
//
// Asking for windows:
//
//	var p governor.Policy = governor.Fixed(governor.DefaultWindow)
//	windows = p.Step(obs, windows[:0]) // one for each of obs.Channels
//
// # Guarantees
//
// [Fixed] grants the same to every channel and at all times. Whatever a policy
// grants, package actors makes it one batch at least, so no channel starves for
// ever.
//
// # Not here
//
// Credits themselves: they are counted by the channels in package actors. And
// a policy that adapts to what it observes: Fixed is the only one so far.
package governor
