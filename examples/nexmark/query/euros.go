package query

import "strconv"

// Euros is an amount of money in thousandths of a euro, SQL's DECIMAL(23, 3).
type Euros int64

const euro Euros = 1000

// inEuros converts at the benchmark's rate of 0.908 euros a dollar.
func inEuros(dollars int64) Euros { return 908 * Euros(dollars) }

// MarshalJSON writes the amount with three decimals, as in 1.816.
func (e Euros) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 24)
	if e < 0 {
		b, e = append(b, '-'), -e
	}
	b = strconv.AppendUint(b, uint64(e)/uint64(euro), 10)
	decimals := strconv.AppendUint(nil, uint64(euro)+uint64(e)%uint64(euro), 10)
	decimals[0] = '.'
	return append(b, decimals...), nil
}
