package cluster

import (
	"strconv"
	"time"
)

// offerGoals makes the flow's goals the defaults of the flags for them. Those
// below 0 are left for the flow's building to refuse.
func (a *app) offerGoals() {
	g := a.flow.Goals()
	offer := func(name, text string) {
		for _, p := range a.ownFlags {
			if p.name == name {
				_ = p.Set(text) // which is as it should be
				p.set, p.text = false, p.String()
			}
		}
	}
	for name, d := range map[string]time.Duration{"latency": g.Latency, "recovery": g.Recovery} {
		if d > 0 {
			offer(name, d.String())
		}
	}
	if g.Memory > 0 {
		offer("memory", strconv.FormatInt(g.Memory, 10)+"B")
	}
}

// withdrawGoals takes the flow's goals back where the command line asks for a
// policy that knows none. Goals of the command line's own stay, to be refused.
func (a *app) withdrawGoals() {
	if a.own.Governor == autoPolicy || a.own.Governor == governorPolicy {
		return
	}
	for _, p := range a.ownFlags {
		if (p.name == "latency" || p.name == "recovery" || p.name == "memory") && !p.set {
			p.value.SetZero()
		}
	}
}
