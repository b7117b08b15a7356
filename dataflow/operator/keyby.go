package operator

// KeyBy gives every record the key that f finds in it and the key's hash.
func KeyBy[K comparable, T any](out *KeyedPool[K, T], f func(T) K, hash func(K) uint64) Operator {
	return &keyer[K, T]{out, f, hash}
}

type keyer[K comparable, T any] struct {
	out  *KeyedPool[K, T]
	f    func(T) K
	hash func(K) uint64
}

func (k *keyer[K, T]) Process(_ int, b Batch, out Outbox) error {
	in, to := b.(*Records[T]), k.out.Get()
	if err := k.apply(in.Values, to); err != nil {
		return err
	}
	to.Values = append(to.Values, in.Values...)
	to.Times = append(to.Times, in.Times...)
	in.Release()
	return out.Emit(0, to)
}

func (k *keyer[K, T]) apply(values []T, to *Keyed[K, T]) (err error) {
	i := 0
	defer Guard(&err, &i, values)
	for ; i < len(values); i++ {
		key := k.f(values[i])
		to.Keys = append(to.Keys, key)
		to.Hashes = append(to.Hashes, k.hash(key))
	}
	return nil
}
