#include "textflag.h"

// func prefetch(p unsafe.Pointer, n uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	MOVQ n+8(FP), DX
	ADDQ AX, DX
	ANDQ $~63, AX
	JMP  test

line:
	PREFETCHT0 (AX)
	ADDQ       $64, AX

test:
	CMPQ AX, DX
	JB   line
	RET
