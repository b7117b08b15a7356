// Package law gives jobs under test the policies that a job can have, so that
// what must hold is tested under each of them.
//
//   - [Names] are the policies, [Set] gives a job one of them.
//
// In use:
//
//	law.Set(law.Names()[seed%len(law.Names())], &cfg)
//
// Control periods are short, so that there are decisions in a short test, and
// goals are tight, so that windows are small and checkpoints are paced.
//
// Not here: whether policies decide well. That is package test/governor's.
package law
