package generate

import (
	"math/bits"
	"strconv"
	"sync"
)

// A channel is where a bid came from.
type channel struct{ name, url string }

const coldChannels = 10_000

// channels are those of the Flink set: half of the bids come from one of the
// hot ones, the others from one of the cold.
type channels struct {
	hot  [4]channel
	cold [coldChannels]channel
}

// channelTable makes the channels, from a random source that every run seeds
// alike.
var channelTable = sync.OnceValue(func() *channels {
	c, r := new(channels), newRandom(0)
	for i, name := range [...]string{"Google", "Facebook", "Baidu", "Apple"} {
		c.hot[i] = channel{name, address(&r)}
	}
	for i := range c.cold {
		url := address(&r)
		if r.below(10) > 0 {
			id := int32(bits.Reverse32(uint32(i)))
			url += "&channel_id=" + strconv.Itoa(int(max(id, -id)))
		}
		c.cold[i] = channel{"channel-" + strconv.Itoa(i), url}
	}
	return c
})

// address makes a URL with three directories.
func address(r *random) string {
	t := text{buf: []byte("https://www.nexmark.com/")}
	for range 3 {
		t.word(r, 5, '_')
		t.buf = append(t.buf, '/')
	}
	return string(t.buf) + "item.htm?query=1"
}

// pick draws the channel of a bid.
func (c *channels) pick(r *random) *channel {
	if r.intn(2) > 0 {
		return &c.hot[r.intn(int32(len(c.hot)))]
	}
	return &c.cold[r.below(coldChannels)]
}
