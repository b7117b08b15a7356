// Command measure runs the queries of Nexmark and reports how fast they are.
//
//	go run ./test/nexmark/measure -query q0,q5 -n 5000000 -runs 3 -out out/nexmark
//
// The nouns:
//
//   - a trial is one query in one mode, run in a process of its own;
//   - a mode is what a trial shows: the hand-written loop, the flow with or
//     without checkpoints, on one core, on several, in a process for each of
//     them, or at 70% of its speed;
//   - a result is what a trial measured, one line of results.jsonl;
//   - a row sums up the results of one query: medians with their spread.
//
// Trials of one query take turns, so that a machine that is slow for a while
// slows all modes down. The directory gets results.jsonl, nexmark.md and
// plots as SVG.
//
// # What is measured
//
// Time is from the first event to the last commit, without opening and closing
// the state. A core-second is a second of processor time that the process had,
// garbage collection included. The cores' speed-up is that of one flow on all of
// them over one core; the next column that of processes side by side, each a
// flow on one core of its own events, which share nothing but the machine: the
// most that a flow could reach there.
//
// Latency is from the moment an event was due to be made, whether or not the
// source kept up, to the moment a row with its event time reaches the sink; the
// rows of a window count from its end. The sink throws rows away once it has
// counted them.
//
// # Not here
//
// Whether the results are right, which package nexmark tests, and comparisons
// with other systems.
package main
