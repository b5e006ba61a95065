// oracle asks sumdb_driver.c (stoa's functions) and golang.org/x/mod/sumdb the same
// questions about signed notes, records, tree heads, tiles and proved reads, and
// prints each difference: on random and mutated inputs.
//
//	oracle DRIVER [SEED [N]]
//
// N questions (default 120000). Prints TAP.
//
// Where stoa is stricter on purpose:
//   - a record's number has no sign: x/mod takes "+7", and "-7", for which it
//     then compares the first record;
//   - a tile's level is at most 63, as x/mod's own comment says.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const records = 70000

type question struct {
	line, want, what string
}

type oracle struct {
	in    io.WriteCloser
	out   *bufio.Reader
	rnd   *rand.Rand
	batch []question
	asked map[string]int
	good  map[string]int
	diffs int
	test  int
}

func hexed(s string) string {
	if s == "" {
		return "-"
	}
	return hex.EncodeToString([]byte(s))
}

func answer(err error, text string) string {
	word := "ok"
	if err != nil {
		word = "bad"
	}
	if text != "" {
		word += " " + hex.EncodeToString([]byte(text))
	}
	return word
}

func (o *oracle) ask(want, word string, args ...string) {
	line := word
	for _, a := range args {
		line += "\t" + hexed(a)
	}
	o.asked[word]++
	if strings.HasPrefix(want, "ok") {
		o.good[word]++
	}
	o.batch = append(o.batch, question{line, want, fmt.Sprintf("%s %q", word, args)})
	if len(o.batch) == 500 {
		o.flush()
	}
}

func (o *oracle) flush() {
	batch := o.batch
	o.batch = nil
	go func() {
		var b bytes.Buffer
		for _, q := range batch {
			b.WriteString(q.line + "\n")
		}
		o.in.Write(b.Bytes())
	}()
	for _, q := range batch {
		got, err := o.out.ReadString('\n')
		if err != nil {
			fmt.Printf("Bail out! the driver died at %s: %v\n", q.what, err)
			os.Exit(1)
		}
		if got = strings.TrimSuffix(got, "\n"); got == q.want {
			continue
		}
		o.diffs++
		if o.diffs <= 20 {
			fmt.Printf("# %s: stoa %s, x/mod %s\n", q.what, got, q.want)
		}
	}
}

func (o *oracle) result(words ...string) {
	o.flush()
	o.test++
	state, n, good := "ok", 0, 0
	for _, w := range words {
		n, good = n+o.asked[w], good+o.good[w]
	}
	if o.diffs > 0 || good == 0 {
		state = "not ok"
	}
	fmt.Printf("%s %d - %s: %d questions, %d of them about something good, %d differences\n",
		state, o.test, strings.Join(words, ", "), n, good, o.diffs)
	o.diffs = 0
}

// --- mutations

var bits = []string{"\n", "\n\n", " ", "=", "==", "+", "/", "-", "A", "0", "9", "\r", "\t", "\x00",
	"\x7f", "\xff", "\xc2\xa0", "\u2003", "\u2014", "\u2014 ", "x", ".p/", "x001/", "h1:", "\ufffd",
	"\xe2\x80", "\U0001f600", "go.sum database tree\n"}

func (o *oracle) mutate(s string) string {
	for n := o.rnd.Intn(3); n >= 0; n-- {
		i := o.rnd.Intn(len(s) + 1)
		j := min(len(s), i+1+o.rnd.Intn(4))
		switch o.rnd.Intn(9) {
		case 0:
			s = s[:i] + s[j:]
		case 1, 2:
			s = s[:i] + bits[o.rnd.Intn(len(bits))] + s[i:]
		case 3:
			s = s[:i] + bits[o.rnd.Intn(len(bits))] + s[j:]
		case 4:
			if i < len(s) {
				s = s[:i] + string([]byte{s[i] ^ 1<<o.rnd.Intn(8)}) + s[i+1:]
			}
		case 5, 6: // lines
			lines := strings.SplitAfter(s, "\n")
			a, b := o.rnd.Intn(len(lines)), o.rnd.Intn(len(lines))
			if o.rnd.Intn(2) == 0 {
				lines[a], lines[b] = lines[b], lines[a]
			} else {
				lines = append(lines[:a:a], append([]string{lines[b]}, lines[a:]...)...)
			}
			s = strings.Join(lines, "")
		case 7:
			s = s[:i]
		case 8:
			s = s[:i] + s[i:j] + s[i:]
		}
	}
	return s
}

// sometimes mutates.
func (o *oracle) perhaps(s string) string {
	if o.rnd.Intn(4) == 0 {
		return s
	}
	return o.mutate(s)
}

// --- notes

type signer struct {
	note.Signer
	vkey string
}

func (o *oracle) signer(name string) signer {
	skey, vkey, err := note.GenerateKey(o.rnd, name)
	if err != nil {
		panic(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		panic(err)
	}
	return signer{s, vkey}
}

func (o *oracle) vkey(v string) {
	k, err := note.NewVerifier(v)
	text := ""
	if err == nil {
		text = fmt.Sprintf("%s|%08x", k.Name(), k.KeyHash())
	}
	o.ask(answer(err, text), "vkey", v)
}

func (o *oracle) note(vkey, msg string) {
	k, err := note.NewVerifier(vkey)
	text := ""
	if err == nil {
		var n *note.Note
		if n, err = note.Open([]byte(msg), note.VerifierList(k)); err == nil {
			text = n.Text
		}
	}
	o.ask(answer(err, text), "note", vkey, msg)
}

func (o *oracle) text() string {
	switch o.rnd.Intn(4) {
	case 0:
		return "a\n\nb\n"
	case 1:
		return "\u00e9\n"
	}
	var h tlog.Hash
	o.rnd.Read(h[:])
	s := string(tlog.FormatTree(tlog.Tree{N: o.rnd.Int63() >> o.rnd.Intn(63), Hash: h}))
	if o.rnd.Intn(3) == 0 {
		s += "example.com/m v1.0.0 h1:extra\n"
	}
	return s
}

func (o *oracle) notes(n int) {
	ours, other := o.signer("sum.example.org/db"), o.signer("other.example")
	namesake := o.signer("sum.example.org/db")
	for i := 0; i < n/8; i++ {
		o.vkey(o.perhaps([]signer{ours, other}[o.rnd.Intn(2)].vkey))
	}
	for i := 0; i < n; {
		signers := []note.Signer{ours}
		if o.rnd.Intn(2) == 0 {
			signers = append(signers, other)
		}
		if o.rnd.Intn(3) == 0 {
			signers = append(signers, namesake)
		}
		o.rnd.Shuffle(len(signers), func(a, b int) { signers[a], signers[b] = signers[b], signers[a] })
		msg, err := note.Sign(&note.Note{Text: o.text()}, signers...)
		if err != nil {
			panic(err)
		}
		for k := 0; k < 8; k++ {
			o.note(ours.vkey, o.perhaps(string(msg)))
			i++
		}
	}
	// around the limit of signatures
	for _, lines := range []int{98, 99, 100, 101} {
		msg, _ := note.Sign(&note.Note{Text: "x\n"}, ours)
		extra := strings.Repeat("\u2014 x.example AAAAAAA=\n", lines)
		o.note(ours.vkey, string(msg)+extra)
		o.note(ours.vkey, strings.Replace(string(msg), "\n\n", "\n\n"+extra, 1))
	}
	o.result("vkey", "note")
}

// --- texts

func (o *oracle) tree(s string) {
	t, err := tlog.ParseTree([]byte(s))
	text := ""
	if err == nil {
		text = fmt.Sprintf("%d|%x", t.N, t.Hash[:])
	}
	o.ask(answer(err, text), "tree", s)
}

func (o *oracle) record(s string) {
	id, text, rest, err := tlog.ParseRecord([]byte(s))
	if line, _, _ := strings.Cut(s, "\n"); err == nil && strings.ContainsAny(line[:1], "+-") {
		err = errors.New("a sign")
	}
	want := ""
	if err == nil {
		want = fmt.Sprintf("%d|%s|%s", id, text, rest)
	}
	o.ask(answer(err, want), "record", s)
}

func (o *oracle) texts(n int) {
	for i := 0; i < n; i++ {
		o.tree(o.perhaps(o.text()))
		msg, err := tlog.FormatRecord(o.rnd.Int63()>>o.rnd.Intn(63),
			[]byte("example.com/m v1.0.0 h1:x=\nexample.com/m v1.0.0/go.mod h1:y=\n"))
		if err != nil {
			panic(err)
		}
		o.record(o.perhaps(string(msg) + "go.sum database tree\n\n\u2014 x\n"))
	}
	o.result("tree", "record")
}

// --- numbers

func (o *oracle) number(max int) int64 {
	n := o.rnd.Int63() >> (63 - max)
	if o.rnd.Intn(3) == 0 { // near a power of two
		n = max64(0, int64(1)<<o.rnd.Intn(max)+int64(o.rnd.Intn(5))-2)
	}
	return n
}

func max64(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
}

func (o *oracle) tile(name string) {
	t, err := tlog.ParseTilePath("tile/" + name)
	if err == nil && (t.H != 8 || t.L > 63) {
		err = errors.New("another height")
	}
	text := ""
	if err == nil {
		text = fmt.Sprintf("%d|%d|%d|%s", t.L, t.N, t.W, strings.TrimPrefix(t.Path(), "tile/"))
	}
	o.ask(answer(err, text), "tile", name)
}

func (o *oracle) numbers(n int) {
	for i := 0; i < n; i++ {
		level := o.rnd.Intn(59)
		num := o.number(60 - level)
		o.ask(answer(nil, fmt.Sprint(tlog.StoredHashIndex(level, num))), "index",
			strconv.Itoa(level), fmt.Sprint(num))
		index := o.number(61)
		l, k := tlog.SplitStoredHashIndex(index)
		path := strings.TrimPrefix(tlog.TileForIndex(8, index).Path(), "tile/")
		o.ask(answer(nil, fmt.Sprintf("%d|%d|%s", l, k, path)), "split", fmt.Sprint(index))
		t := tlog.Tile{H: 8, L: o.rnd.Intn(66) - 1, N: o.number(63), W: 1 + o.rnd.Intn(256)}
		o.tile(o.perhaps(strings.TrimPrefix(t.Path(), "tile/")))
		a, b := fmt.Sprint(o.rnd.Int63()), fmt.Sprint(index)
		ha, hb := tlog.RecordHash([]byte(a)), tlog.RecordHash([]byte(b))
		hn := tlog.NodeHash(ha, hb)
		o.ask(answer(nil, fmt.Sprintf("%x%x", ha[:], hn[:])), "hash", a, b)
	}
	o.result("index", "split", "tile", "hash")
}

// --- trees

type store []tlog.Hash

func (s store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = s[x]
	}
	return hashes, nil
}

// shelf serves tiles, one of them with a bit that is wrong, and writes down what
// is asked for.
type shelf struct {
	store   store
	spoiled tlog.Tile
	bit     int
	log     string
}

func (s *shelf) Height() int { return 8 }

func (s *shelf) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, t := range tiles {
		s.log += strings.TrimPrefix(t.Path(), "tile/") + " "
		d, err := tlog.ReadTileData(t, s.store)
		if err != nil {
			return nil, err
		}
		if t.L == s.spoiled.L && t.N == s.spoiled.N {
			bit := s.bit % (8 * len(d))
			d[bit/8] ^= 1 << (bit % 8)
		}
		data = append(data, d)
	}
	return data, nil
}

func (s *shelf) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	s.log += fmt.Sprintf("saved %d ", len(tiles))
}

func (o *oracle) read(s store, n int64) {
	hash, err := tlog.TreeHash(n, s)
	if err != nil {
		panic(err)
	}
	tree := tlog.Tree{N: n, Hash: hash}
	end := tlog.StoredHashIndex(0, n)
	var indexes []int64
	var words []string
	for k := 1 + o.rnd.Intn(4); k > 0; k-- {
		x := o.rnd.Int63n(end)
		if o.rnd.Intn(50) == 0 {
			x = end + o.rnd.Int63n(3)
		}
		indexes, words = append(indexes, x), append(words, fmt.Sprint(x))
	}
	sh := &shelf{store: s, spoiled: tlog.Tile{L: -1}, bit: o.rnd.Intn(1 << 17)}
	spoiled := ""
	if o.rnd.Intn(2) == 0 { // one that is likely to be read
		t := tlog.TileForIndex(8, indexes[0])
		for up := o.rnd.Intn(3); up > 0; up-- {
			t.L, t.N = t.L+1, t.N>>8
		}
		if o.rnd.Intn(3) == 0 {
			t.N = (n - 1) >> (8 * (t.L + 1))
		}
		t.H, t.W = 8, 256
		sh.spoiled, spoiled = t, strings.TrimPrefix(t.Path(), "tile/")
	}
	hashes, err := tlog.TileHashReader(tree, sh).ReadHashes(indexes)
	text := sh.log
	for _, h := range hashes {
		text += fmt.Sprintf("%x", h[:])
	}
	o.ask(answer(err, text), "read", fmt.Sprint(n), strings.Join(words, " "), spoiled,
		strconv.Itoa(sh.bit))
}

func (o *oracle) trees(n int) {
	var s store
	for i := int64(0); i < records; i++ {
		hashes, err := tlog.StoredHashes(i, []byte(fmt.Sprintf("record %d\n", i)), s)
		if err != nil {
			panic(err)
		}
		s = append(s, hashes...)
	}
	for i := 0; i < n; i++ {
		size := 1 + o.rnd.Int63n(records)>>o.rnd.Intn(17)
		switch o.rnd.Intn(4) {
		case 0: // whole tiles
			size = max64(1, size&^255)
		case 1: // near a power of two
			size = max64(1, int64(1)<<o.rnd.Intn(17)+int64(o.rnd.Intn(5))-2)
		}
		hash, err := tlog.TreeHash(size, s)
		o.ask(answer(err, fmt.Sprintf("%x", hash[:])), "treehash", fmt.Sprint(size))
		o.read(s, size)
	}
	o.result("treehash", "read")
}

func main() {
	seed, n := int64(1), 120000
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: oracle DRIVER [SEED [N]]")
		os.Exit(2)
	}
	if len(os.Args) > 2 {
		seed, _ = strconv.ParseInt(os.Args[2], 10, 64)
	}
	if len(os.Args) > 3 {
		n, _ = strconv.Atoi(os.Args[3])
	}
	driver := exec.Command(os.Args[1])
	driver.Stderr = os.Stderr
	in, _ := driver.StdinPipe()
	out, _ := driver.StdoutPipe()
	if err := driver.Start(); err != nil {
		fmt.Printf("Bail out! %v\n", err)
		os.Exit(1)
	}
	o := &oracle{in: in, out: bufio.NewReader(out), rnd: rand.New(rand.NewSource(seed)),
		asked: map[string]int{}, good: map[string]int{}}
	fmt.Printf("# seed %d\n", seed)
	o.notes(n / 4)
	o.texts(n / 8)
	o.numbers(n / 12)
	o.trees(n / 12)
	in.Close()
	o.test++
	if err := driver.Wait(); err != nil {
		fmt.Printf("not ok %d - the driver ends well: %v\n", o.test, err)
	} else {
		fmt.Printf("ok %d - the driver ends well\n", o.test)
	}
	fmt.Printf("1..%d\n", o.test)
}
