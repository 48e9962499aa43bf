// Package clock reads the kernel's clocks that the standard library does not give as numbers.
package clock

import (
	"syscall"
	"unsafe"
)

// Numbers of the kernel's clocks, from <time.h>.
const (
	monotonic       = 1
	threadCPUTimeID = 3
)

// Monotonic is the time of CLOCK_MONOTONIC in ns: one clock for all processes of a machine.
func Monotonic() uint64 {
	return read(monotonic)
}

// ThreadCPU is the CPU time of the calling thread in ns. Its differences mean something only on a locked thread.
func ThreadCPU() uint64 {
	return read(threadCPUTimeID)
}

func read(clock uintptr) uint64 {
	var now syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&now)), 0)
	if errno != 0 {
		panic(errno)
	}
	return uint64(now.Nano())
}
