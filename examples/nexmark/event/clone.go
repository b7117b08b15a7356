package event

// An event shares the memory of its text with its neighbours, since that is
// cheaper to make. One that is kept for longer should be a clone, or it keeps
// kilobytes of theirs.

// Clone returns a copy of a whose text is its own.
func (a *Auction) Clone() *Auction {
	c := *a
	own(&c.ItemName, &c.Description, &c.Extra)
	return &c
}

// Clone returns a copy of p whose text is its own.
func (p *Person) Clone() *Person {
	c := *p
	own(&c.Name, &c.EmailAddress, &c.CreditCard)
	own(&c.City, &c.State, &c.Extra)
	return &c
}

// own copies three strings into one allocation.
func own(a, b, c *string) {
	all := *a + *b + *c
	end, mid := len(*a)+len(*b), len(*a)
	*a, *b, *c = all[:mid], all[mid:end], all[end:]
}
