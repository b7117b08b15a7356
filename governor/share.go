package governor

import "math"

// fair divides capacity, in records a second, over channels: those that want
// less than an equal share get what they want and a little more to grow with,
// the others an equal share of the rest (max-min fairness). What nobody wants
// is divided equally, so that a channel that wakes up finds room.
func fair(capacity float64, channels []inflow, rates []float64) []float64 {
	rates = rates[:0]
	left := capacity
	for _, c := range channels {
		rates = append(rates, wanted(c))
	}
	// Whoever wants less than an equal share of what is left is satisfied,
	// which raises the share of the others; after a few rounds none is left.
	level := capacity / float64(max(1, len(channels)))
	for range channels {
		sum, above := 0.0, 0
		for _, r := range rates {
			if r > level {
				above++
			} else {
				sum += r
			}
		}
		if above == 0 {
			break
		}
		next := (capacity - sum) / float64(above)
		if next <= level*(1+1e-9) {
			break
		}
		level = next
	}
	for i, r := range rates {
		rates[i] = min(r, level)
		left -= rates[i]
	}
	for i := range rates {
		rates[i] += max(0, left) / float64(len(rates))
	}
	return rates
}

// headroom is how much more than lately a channel may bring at once.
const headroom = 1.25

func wanted(c inflow) float64 {
	if c.starved {
		return math.Inf(1)
	}
	return headroom * c.records
}

// steady keeps the old value if the new one is within the hysteresis of it.
func steady(old, new int) int {
	if d := new - old; old > 0 && math.Abs(float64(d)) <= hysteresis*float64(old) {
		return old
	}
	return new
}

// hysteresis is the change of a window that is not worth telling.
const hysteresis = 0.05
