package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Fingerprint identifies what the flow computes: its name, key groups, steps,
// their kinds and how they are connected. It is the same in every process
// that builds the flow with the same parameters, and does not depend on
// parallelism or on where the code stands. 16 hexadecimal digits.
func (g *Graph) Fingerprint() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %v\n", g.Flow, g.Groups, g.ExactlyOnce)
	for _, s := range g.Steps {
		fmt.Fprintf(h, "%q %q", s.Name, s.Kind)
		for _, in := range s.Inputs {
			fmt.Fprintf(h, " %d.%d %v", in.From, in.Port, in.Partitioning)
		}
		for _, out := range s.Outputs {
			fmt.Fprintf(h, " %T", out)
		}
		fmt.Fprintln(h)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
