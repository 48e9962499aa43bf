package main

import "testing"

// Each of the two waits for the other, so they end only if both run at once.
func TestCallsOfATurnRunSideBySide(t *testing.T) {
	met := make(chan int)
	seen := make([]int, 2)
	sideBySide(len(seen), func(index int) {
		select {
		case met <- index:
			seen[index] = 1 - index
		case seen[index] = <-met:
		}
	})
	if seen[0] != 1 || seen[1] != 0 {
		t.Errorf("met %v", seen)
	}
}
