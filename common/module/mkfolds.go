// mkfolds prints folds.h: the code points that x/mod/zip takes for another one
// when it looks for names that differ in case only (unicode.SimpleFold). Run by
// hand when the go command moves to a newer Unicode, never by the build:
//
//	go run common/module/mkfolds.go >common/module/folds.h
//
// SPDX-License-Identifier: Apache-2.0

//go:build ignore

package main

import (
	"fmt"
	"unicode"
)

// fold is the least code point of r's orbit, but a to z for A to Z.
func fold(r rune) rune {
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		least = min(least, o)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

func main() {
	fmt.Printf("/* module/folds.h: simple case folding above ASCII, Unicode %s; made by\n", unicode.Version)
	fmt.Print(" * mkfolds.go. First, last, the step from one to the next, and what is taken\n")
	fmt.Print(" * away from each, in order. For utf8.c only.\n *\n")
	fmt.Print(" * SPDX-License-Identifier: Apache-2.0\n */\n")
	fmt.Print("#ifndef MODULE_FOLDS_H\n#define MODULE_FOLDS_H\n\n")
	fmt.Print("static const struct {\n\tuint32_t first, last, step, less;\n} folds[] = {\n")
	onLine := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		less := r - fold(r)
		if less == 0 {
			continue
		}
		first, step := r, rune(1)
		if r+1-fold(r+1) != less && r+2-fold(r+2) == less {
			step = 2
		}
		for r+step-fold(r+step) == less && (step == 1 || fold(r+1) == r+1) {
			r += step
		}
		if r == first {
			step = 1
		}
		if onLine == 0 {
			fmt.Print("\t")
		}
		fmt.Printf("{0x%x,0x%x,%d,%d},", first, r, step, less)
		if onLine = (onLine + 1) % 3; onLine == 0 {
			fmt.Print("\n")
		}
	}
	if onLine != 0 {
		fmt.Print("\n")
	}
	fmt.Print("};\n\n#endif\n")
}
