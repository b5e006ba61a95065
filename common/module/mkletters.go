// mkletters prints letters.h: the letters above ASCII that x/mod's
// CheckFilePath allows in file names (unicode.IsLetter). Run by hand when the
// go command moves to a newer Unicode, never by the build:
//
//	go run common/module/mkletters.go >common/module/letters.h
//
// SPDX-License-Identifier: Apache-2.0

//go:build ignore

package main

import (
	"fmt"
	"unicode"
)

func main() {
	fmt.Printf("/* module/letters.h: unicode.IsLetter above ASCII, Unicode %s; made by\n", unicode.Version)
	fmt.Print(" * mkletters.go. First and last of each range, in order. For utf8.c only.\n *\n")
	fmt.Print(" * SPDX-License-Identifier: Apache-2.0\n */\n")
	fmt.Print("#ifndef MODULE_LETTERS_H\n#define MODULE_LETTERS_H\n\n")
	fmt.Print("static const struct {\n\tuint32_t first, last;\n} letters[] = {\n")
	onLine := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.IsLetter(r) {
			continue
		}
		first := r
		for unicode.IsLetter(r + 1) {
			r++
		}
		if onLine == 0 {
			fmt.Print("\t")
		}
		fmt.Printf("{0x%x,0x%x},", first, r)
		if onLine = (onLine + 1) % 5; onLine == 0 {
			fmt.Print("\n")
		}
	}
	if onLine != 0 {
		fmt.Print("\n")
	}
	fmt.Print("};\n\n#endif\n")
}
