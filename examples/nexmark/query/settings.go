package query

import (
	"errors"
	"fmt"
	"time"
)

// Settings are what the queries leave open. Package cluster makes flags of the
// fields and knows the defaults, which are those of nexmark/nexmark's SQL.
type Settings struct {
	Window time.Duration `default:"10s" help:"size of the windows of q5, q7, q8 and q12"`
	Slide  time.Duration `default:"2s" help:"from one window of q5 to the next"`
	Gap    time.Duration `default:"10s" help:"silence that ends a session of q11"`

	Modulus  int64    `default:"123" help:"q2 selects auctions whose id is a multiple"`
	Category int64    `default:"10" help:"category of q3 and q20"`
	States   []string `default:"OR,ID,CA" help:"states of q3"`
	Sales    int      `default:"10" help:"last sales of a seller that q6 averages"`
	Top      int      `default:"10" help:"bids for an auction that q19 ranks"`

	Side     string `help:"CSV file of numbers and values for q13, without header; empty makes one up"`
	SideKeys int64  `default:"10000" help:"q13 looks up an auction's id modulo this"`
}

// Defaults are the settings of nexmark/nexmark's SQL.
func Defaults() Settings {
	return Settings{
		Window: 10 * time.Second, Slide: 2 * time.Second, Gap: 10 * time.Second,
		Modulus: 123, Category: 10, States: []string{"OR", "ID", "CA"}, Sales: 10, Top: 10,
		SideKeys: 10_000,
	}
}

// maxSideKeys bounds the table of q13.
const maxSideKeys = 10_000_000

// check finds settings with which no query can run.
func (s Settings) check() error {
	var errs []error
	positive := func(name string, n int64) {
		if n < 1 {
			errs = append(errs, fmt.Errorf("%s %d: want 1 or more", name, n))
		}
	}
	positive("modulus", s.Modulus)
	positive("sales", int64(s.Sales))
	positive("top", int64(s.Top))
	positive("side keys", s.SideKeys)
	if s.SideKeys > maxSideKeys {
		errs = append(errs, fmt.Errorf("side keys %d: want %d or less", s.SideKeys, maxSideKeys))
	}
	if s.Window < time.Millisecond || s.Window%time.Millisecond != 0 {
		errs = append(errs, fmt.Errorf("window %v: want whole milliseconds, as events have",
			s.Window))
	}
	return errors.Join(errs...)
}
