package actors

import (
	"testing"
	"time"
)

func TestRestarts(t *testing.T) {
	policy := RestartPolicy{
		Attempts: 4, UserAttempts: 2, Backoff: time.Second, MaxBackoff: 3 * time.Second,
	}
	const never = -1
	tests := []struct {
		name     string
		failures []Kind
		waits    []time.Duration
	}{
		{"backs off", []Kind{Source, Sink, Source, State, Source},
			[]time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second, never}},
		{"gives up on user code sooner", []Kind{User, User, User},
			[]time.Duration{time.Second, 2 * time.Second, never}},
		{"counts user code apart", []Kind{Source, User, Source, User, User},
			[]time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second, never}},
		{"does not try again on a defect of the engine", []Kind{Internal}, []time.Duration{never}},
	}
	for _, test := range tests {
		r := restarts{policy: policy}
		for i, k := range test.failures {
			wait, again := r.next(k)
			if !again {
				wait = never
			}
			if wait != test.waits[i] {
				t.Errorf("%s: failure %d: got %v, want %v", test.name, i+1, wait, test.waits[i])
			}
		}
	}
}

func TestProgressForgivesFailures(t *testing.T) {
	r := restarts{policy: RestartPolicy{Attempts: 1, Backoff: time.Second, MaxBackoff: time.Second}}
	for range 5 {
		if _, again := r.next(Source); !again {
			t.Fatal("gave up although a checkpoint had completed since the last failure")
		}
		r.progressed()
	}
	r.next(Source)
	if _, again := r.next(Source); again {
		t.Error("tried again after two failures in a row with one attempt allowed")
	}
}

func TestNoRestarts(t *testing.T) {
	r := restarts{policy: RestartPolicy{Attempts: -1}.withDefaults()}
	if _, again := r.next(Source); again {
		t.Error("restarted although the policy allows none")
	}
}
