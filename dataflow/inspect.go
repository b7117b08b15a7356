package dataflow

import (
	"errors"
	"fmt"
	"reflect"
)

// method is an optional method of a processor and the interface it is to
// satisfy.
type method struct {
	name string
	of   reflect.Type
}

func timerMethods[K comparable, U any]() []method {
	return []method{
		{"OnTimer", reflect.TypeFor[TimerProcessor[K, U]]()},
		{"OnProcessingTimer", reflect.TypeFor[ProcessingTimerProcessor[K, U]]()},
		{"Open", reflect.TypeFor[ProcessorOpener]()},
	}
}

// inspect makes two processors, as two subtasks would, and records the
// mistakes in them: state that could be lost or shared, and methods that look
// optional but would never be called.
func inspect(g *Graph, step string, new func() any, optional ...method) {
	defer func() {
		if v := recover(); v != nil {
			g.Fail(step, fmt.Errorf("making a processor panicked: %v", v))
		}
	}()
	one, two := new(), new()
	if v := reflect.ValueOf(one); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		g.Fail(step, errors.New("the function that makes processors returned nil"))
		return
	}
	handles, errs := findHandles(one)
	others, _ := findHandles(two)
	for _, h := range handles {
		for _, o := range others {
			if h == o {
				errs = append(errs, fmt.Errorf("state %q: all processors share one handle; "+
					"make it inside the function that makes the processor", h.label()))
			}
		}
	}
	for _, m := range optional {
		has, ok := reflect.TypeOf(one).MethodByName(m.name)
		if ok && !has.Type.In(0).Implements(m.of) {
			want, _ := m.of.MethodByName(m.name)
			errs = append(errs, fmt.Errorf("method %s would never be called: it is not a %v",
				m.name, want.Type))
		}
	}
	for _, err := range errs {
		g.Fail(step, err)
	}
}
