// oracle asks driver.c (stoa's functions) and golang.org/x/mod the same questions
// and prints each difference: on tables, then on random and mutated inputs.
//
//	oracle DRIVER FOLDER [SEED [N]]
//
// N inputs are made (default 120000), one in eight of them a zip in FOLDER.
// Prints TAP.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"
)

// ours are the rules that are stricter than x/mod's, with why. A zip that breaks
// one is refused though the go command takes it; none that the go command makes
// does.
var ours = map[string]string{
	"trailing":    "archive/zip takes bytes behind the end record",
	"gap":         "archive/zip takes bytes that no entry names, which another reader may see",
	"overlap":     "archive/zip takes entries in one another",
	"zip64":       "archive/zip does not compare the two end records",
	"disk":        "archive/zip does not look at disk numbers",
	"count":       "archive/zip takes any number of files that is the same modulo 65536",
	"too-many":    "a limit of memory: 32 MiB of directory",
	"long-name":   "a path that can be unpacked nowhere",
	"extra":       "archive/zip passes over malformed extra fields and Unicode names",
	"encrypted":   "archive/zip does not look at these flags",
	"differs":     "archive/zip does not read the local header's fields",
	"descriptor":  "archive/zip reads only the checksum of a data descriptor",
	"consistency": "libzip's opinion",
	"crc":         "archive/zip does not compare a checksum of 0",
	"data":        "archive/zip does not look at what follows a deflate stream",
	"folder-data": "archive/zip does not look at a folder's packed size",
	"twice":       "x/mod/zip takes a folder's entry twice",
	"method":      "archive/zip does not look at how a folder is packed",
	"local":       "a local header in the directory's place is one to archive/zip",
	"directory":   "archive/zip corrects a wrong place of the directory",
}

type question struct {
	line string
	want string // "ok HEX", "bad", or "zip"
	what string
	ref  zipAnswer
}

type zipAnswer struct {
	h1  string
	err error
}

type oracle struct {
	in    io.WriteCloser
	out   *bufio.Reader
	rnd   *rand.Rand
	batch []question
	asked map[string]int
	stern map[string]int // zips that only we refuse, by rule
	both  map[string]int // zips that both refuse, by rule
	taken int
	diffs int
	test  int
}

func hexed(s string) string {
	if s == "" {
		return "-"
	}
	return hex.EncodeToString([]byte(s))
}

func okay(s string) string {
	if s == "" {
		return "ok"
	}
	return "ok " + hex.EncodeToString([]byte(s))
}

func okIf(err error) string {
	if err != nil {
		return "bad"
	}
	return "ok"
}

func okText(s string, err error) string {
	if err != nil {
		return "bad"
	}
	return okay(s)
}

func yes(b bool) string {
	if b {
		return okay("yes")
	}
	return okay("no")
}

func (o *oracle) ask(want, word string, args ...string) {
	line := word
	for _, a := range args {
		line += "\t" + hexed(a)
	}
	o.asked[word]++
	o.put(question{line: line, want: want, what: fmt.Sprintf("%s %q", word, args)})
}

func (o *oracle) put(q question) {
	o.batch = append(o.batch, q)
	if len(o.batch) == 500 {
		o.flush()
	}
}

func (o *oracle) differ(format string, args ...any) {
	o.diffs++
	if o.diffs <= 50 {
		fmt.Printf("# "+format+"\n", args...)
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
		got = strings.TrimSuffix(got, "\n")
		if q.want == "zip" {
			o.judge(q, got)
		} else if word, _, _ := strings.Cut(got, " "); got != q.want && !(word == "bad" && q.want == "bad") {
			o.differ("%s: stoa %s, x/mod %s", q.what, got, q.want)
		}
	}
}

// judge: what we take, x/mod takes with the same hash; what we refuse, it refuses,
// or the rule is one of ours.
func (o *oracle) judge(q question, got string) {
	word := strings.TrimPrefix(got, "bad ")
	switch {
	case strings.HasPrefix(got, "ok "):
		o.taken++
		if q.ref.err != nil {
			o.differ("%s: stoa takes it, x/mod: %v", q.what, q.ref.err)
		} else if got != okay(q.ref.h1) {
			o.differ("%s: stoa %s, x/mod %s", q.what, got, okay(q.ref.h1))
		}
	case q.ref.err != nil:
		o.both[word]++
	default:
		o.stern[word]++
		if ours[word] == "" {
			o.differ("%s: stoa refuses it (%s), x/mod takes it", q.what, got)
		}
	}
	if q.ref.err == nil && got == "bad" {
		o.differ("%s: refused without a rule", q.what)
	}
}

func (o *oracle) result(claim string) {
	o.flush()
	o.test++
	state := "ok"
	if o.diffs > 0 {
		state = "not ok"
		fmt.Printf("# %d differences\n", o.diffs)
	}
	fmt.Printf("%s %d - %s\n", state, o.test, claim)
	o.diffs = 0
}

// --- questions about texts

func fold(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

func pseudo(v string) string {
	if !module.IsPseudoVersion(v) {
		return okay("no")
	}
	s := "yes|"
	if rev, err := module.PseudoVersionRev(v); err == nil {
		s += rev
	}
	s += "|"
	if t, err := module.PseudoVersionTime(v); err == nil {
		s += strconv.FormatInt(t.Unix(), 10)
	}
	s += "|"
	base, err := module.PseudoVersionBase(v)
	if err != nil {
		return okay(s + "!")
	}
	return okay(s + base)
}

func (o *oracle) path(p string) {
	o.ask(okIf(module.CheckPath(p)), "path", p)
	prefix, major, ok := module.SplitPathVersion(p)
	if ok {
		o.ask(okay(prefix+"|"+major), "split", p)
	} else {
		o.ask("bad", "split", p)
	}
	esc, err := module.EscapePath(p)
	o.ask(okText(esc, err), "escape", p)
	un, err := module.UnescapePath(p)
	o.ask(okText(un, err), "unescape", p)
	o.ask(okIf(module.CheckFilePath(p)), "file", p)
}

func (o *oracle) version(v, w string) {
	o.ask(yes(semver.IsValid(v)), "valid", v)
	o.ask(okay(semver.Canonical(v)+"|"+module.CanonicalVersion(v)), "canonical", v)
	o.ask(okay(semver.Major(v)+"|"+semver.Prerelease(v)+"|"+semver.Build(v)), "parts", v)
	c := semver.Compare(v, w)
	order := c
	if order == 0 {
		order = strings.Compare(v, w)
	}
	o.ask(okay(fmt.Sprintf("%d|%d", c, order)), "compare", v, w)
	o.ask(pseudo(v), "pseudo", v)
	esc, err := module.EscapeVersion(v)
	o.ask(okText(esc, err), "escape-version", v)
	un, err := module.UnescapeVersion(v)
	o.ask(okText(un, err), "unescape-version", v)
}

func (o *oracle) pair(p, v string) {
	want := okIf(module.Check(p, v))
	if module.CanonicalVersion(v) != v {
		want = "bad"
	}
	o.ask(want, "check", p, v)
	if _, major, ok := module.SplitPathVersion(p); ok {
		o.ask(yes(module.MatchPathMajor(v, major)), "major", v, major)
	}
}

func (o *oracle) text(s string) {
	h1, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(s)), nil
	})
	o.ask(okText(h1, err), "mod-hash", s)
	s = strings.ToValidUTF8(s, "")
	folded := ""
	for _, r := range s {
		folded += fmt.Sprintf("%x ", fold(r))
	}
	o.ask(okay(folded), "fold", s)
}

func (o *oracle) makePseudo() {
	majors := []string{"", "v0", "v1", "v2", "v10"}
	olders := []string{"", "v1.2.3", "v1.2.9", "v1.2.99", "v0.0.0", "v1.2.3-pre", "v1.2.3-0", "v2.0.0-rc.1",
		"v2.0.0+incompatible", "v9.99.999-a.b+incompatible"}
	major, older := o.pick(majors), o.pick(olders)
	t := time.Unix(o.rnd.Int63n(4e9), 0)
	rev := fmt.Sprintf("%012x", o.rnd.Int63n(1<<48))
	o.ask(okay(module.PseudoVersion(major, older, t, rev)), "make-pseudo", major, older,
		strconv.FormatInt(t.Unix(), 10), rev)
}

var paths = []string{
	"example.com/m", "github.com/BurntSushi/toml", "gopkg.in/yaml.v2", "gopkg.in/yaml.v2-unstable",
	"gopkg.in/yaml.v0", "gopkg.in/yaml.v01", "gopkg.in/yaml", "gopkg.in/user/x.v3", "x.y/v", "x.y/v0", "x.y/v1",
	"x.y/v2", "x.y/v02", "x.y/v2.0", "x.y/z/v10", "x.y/v2/z", "127.0.0.1/x", "localhost/x", "a.b/c//d", "a.b/",
	"/a.b/c", "-a.b/c", "a.b/.c", "a.b/c.", "a.b/..", "a.b/...", "a.b/con", "a.b/COM1.txt", "a.b/com0", "a.b/z~0",
	"a.b/z~", "a.b/z~1.txt", "a.b/z~1a", "A.b/c", "a_b.c/d", "a.b/c+d", "a.b/c d", "a.b/\u00e9", "a.b/\u263a", "",
	"a.b/!a", "a.b/!!a", "a.b/!", "a.b/!A", "a.b/c@v1", "a.b/c\\d", "a.b/c:d", "x..y/z", "a.b/-x", "a.b/c\x00",
	"a.b/cafe\u0301", "a.b/\u4e2d\u6587", "\xff\xfe", "golang.org/toolchain", "vendor/modules.txt", "go.mod",
	"GO.MOD", "LPT9", "aux.go", "nul", "a'b", "a\"b", "a*b", "a<b", "a|b", "a?b", "a`b", "#$%&()+,-.=@[]^_{}~ !",
}

var versions = []string{
	"v1.2.3", "v1.2", "v1", "v0.0.0", "v1.2.3-pre", "v1.2.3-pre.1", "v1.2.3-pre.01", "v1.2.3+meta", "v01.2.3",
	"v1.02.3", "v1.2.3-", "v1.2.3+", "v1.2.3-a..b", "v1.2.3-0", "v1.2.3-00", "v1.2.3-0a", "v1-pre", "v1.2+meta",
	"v2.0.0+incompatible", "v2.0.0-pre+incompatible", "v3.0.0+incompatible.1", "1.2.3", "v", "", "V1.2.3", "v1.2.3.4",
	"v99999999999999999999999.0.0", "v99999999999999999999998.9.9", "v1.0.0-RC1", "v1.0.0-!r!c1",
	"v0.0.0-20200101000000-abcdefabcdef", "v1.2.4-0.20200101000000-abcdefabcdef",
	"v1.2.3-pre.0.20200101000000-abcdefabcdef", "v1.2.0-0.20200101000000-abcdefabcdef",
	"v0.0.0-20201301000000-abcdefabcdef", "v2.0.1-0.20200101000000-abcdefabcdef+incompatible",
	"v0.0.0-20200101000000-abcdefabcdef+incompatible", "v1.0.0-20200101000000-abcdefabcdef", "master", "HEAD", "!h!e!a!d",
	"feature/x", "a b", "v1.2.3-alpha.beta", "v1.2.3-alpha.1", "v1.2.3-1.alpha", "v1.2.3-10", "v1.2.3-9", "con", "v1.2.3\x00",
	"v1.0.0-0.0.20200101000000-abcdefabcdef", "v10.0.0", "v9.0.0", "v0.0.1-go1.23.4.linux-amd64",
}

var bits = []string{"", "/", "//", ".", "..", "-", "!", "v", "v2", "/v2", ".v2", "+", "+incompatible", "0", "1", "00", "9",
	"A", "z", "~", "~1", "con", "\u00e9", "\u212a", "\u017f", "k", "K", "s", "S", "\xff", "\u0301", "@", "go.mod", "Go.Mod", "\u263a",
	"-0.", ".0.", "20200101000000", "-abcdefabcdef", "-unstable", " ", "\\", ":", "\x00", "\n", "\x7f", "gopkg.in/"}

func (o *oracle) pick(from []string) string {
	return from[o.rnd.Intn(len(from))]
}

func (o *oracle) mutate(s string) string {
	for n := o.rnd.Intn(4); n >= 0; n-- {
		i := o.rnd.Intn(len(s) + 1)
		j := i + o.rnd.Intn(len(s)-i+1)
		switch o.rnd.Intn(6) {
		case 0:
			s = s[:i] + o.pick(bits) + s[i:]
		case 1:
			s = s[:i] + s[j:]
		case 2:
			s = s[:i] + o.pick(bits) + s[j:]
		case 3:
			s = s[:i] + string(rune(o.rnd.Intn(0x80))) + s[i:]
		case 4:
			s = s[:i] + strings.ToUpper(s[i:j]) + s[j:]
		case 5:
			s = s[:j] + s[i:]
		}
		if len(s) > 300 {
			s = s[:300]
		}
	}
	return s
}

// --- zips

func (o *oracle) makeZip(path, version string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	prefix := path + "@" + version + "/"
	names := []string{"go.mod", "LICENSE", "a.go", "a/b.go", "a/", "A/b.go", "a/go.mod", "vendor/modules.txt",
		"caf\u00e9", "CAF\u00c9", "k", "\u212a", "go.Mod", "x/y/z/t", "x/y", ".", "../x", "a//b", "con", "", "a/b.go/c"}
	for n := o.rnd.Intn(5); n >= 0; n-- {
		name := prefix + o.pick(names[:4+o.rnd.Intn(len(names)-3)])
		switch o.rnd.Intn(12) {
		case 0:
			name = prefix + o.mutate(o.pick(names))
		case 1:
			name = o.mutate(name)
		}
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		data := strings.Repeat(o.pick(bits), o.rnd.Intn(50))
		if o.rnd.Intn(3) == 0 {
			h.Method = zip.Store
		}
		if o.rnd.Intn(10) == 0 {
			h.SetMode(os.FileMode(o.rnd.Uint32()))
		}
		if strings.HasSuffix(name, "/") {
			data = ""
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			io.WriteString(f, data)
		}
	}
	if o.rnd.Intn(20) == 0 {
		w.SetComment("a comment")
	}
	w.Close()
	return b.Bytes()
}

// mangle changes a few bytes, mostly of headers.
func (o *oracle) mangle(z []byte) []byte {
	marks := []int{}
	for i := 0; i+4 <= len(z); i++ {
		if z[i] == 'P' && z[i+1] == 'K' && z[i+2] < 16 {
			marks = append(marks, i)
		}
	}
	for n := o.rnd.Intn(3); n >= 0; n-- {
		if len(z) < 30 {
			return z
		}
		at := o.rnd.Intn(len(z))
		if len(marks) > 0 && o.rnd.Intn(4) > 0 {
			at = min(marks[o.rnd.Intn(len(marks))]+o.rnd.Intn(50), len(z)-1)
		}
		switch o.rnd.Intn(8) {
		case 0:
			z = append(z[:at:at], z[min(at+1+o.rnd.Intn(4), len(z)):]...)
		case 1:
			z = append(append(z[:at:at], byte(o.rnd.Intn(256))), z[at:]...)
		case 2:
			z[at] ^= 1 << o.rnd.Intn(8)
		case 3:
			z[at]++
		case 4:
			z[at] = 0
		case 5:
			z[at] = 0xff
		default:
			z[at] = byte(o.rnd.Intn(256))
		}
	}
	return z
}

func reference(m module.Version, file string) (a zipAnswer) {
	if _, a.err = modzip.CheckZip(m, file); a.err != nil {
		return a
	}
	// as the go command: prefix, hash of everything, then unpacking's checks
	a.h1, a.err = dirhash.HashZip(file, dirhash.Hash1)
	return a
}

func (o *oracle) zip(folder string, i int) {
	m := module.Version{Path: "example.com/M", Version: "v1.0.0"}
	z := o.makeZip(m.Path, m.Version)
	if o.rnd.Intn(3) > 0 {
		z = o.mangle(z)
	}
	o.zipFile(m, folder, i, z)
}

func (o *oracle) zipFile(m module.Version, folder string, i int, z []byte) {
	file := filepath.Join(folder, fmt.Sprintf("%03d.zip", i%500))
	if i%500 == 0 {
		o.flush()
	}
	if err := os.WriteFile(file, z, 0o666); err != nil {
		fmt.Printf("Bail out! %v\n", err)
		os.Exit(1)
	}
	o.asked["zip"]++
	q := question{want: "zip", what: fmt.Sprintf("zip %x", z)}
	if len(q.what) > 4000 {
		q.what = q.what[:4000]
	}
	q.line = "zip\t" + hexed(m.Path) + "\t" + hexed(m.Version) + "\t" + hexed(file)
	q.ref = reference(m, file)
	o.put(q)
}

func counts(m map[string]int) string {
	words := []string{}
	for w, n := range m {
		words = append(words, fmt.Sprintf("%s %d", w, n))
	}
	sort.Strings(words)
	return strings.Join(words, ", ")
}

func main() {
	seed, n := time.Now().UnixNano(), 120000
	if len(os.Args) > 3 {
		seed, _ = strconv.ParseInt(os.Args[3], 10, 64)
	}
	if len(os.Args) > 4 {
		n, _ = strconv.Atoi(os.Args[4])
	}
	cmd := exec.Command(os.Args[1])
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err != nil || err2 != nil || cmd.Start() != nil {
		fmt.Println("Bail out! the driver does not start")
		os.Exit(1)
	}
	o := &oracle{in: in, out: bufio.NewReader(out), rnd: rand.New(rand.NewSource(seed)),
		asked: map[string]int{}, stern: map[string]int{}, both: map[string]int{}}
	fmt.Printf("# seed %d\n", seed)
	for _, p := range append(paths, bits...) {
		o.path(p)
		o.text(p)
		for _, v := range versions {
			o.pair(p, v)
		}
	}
	for _, v := range versions {
		for _, w := range versions {
			o.version(v, w)
		}
	}
	o.result("the tables are answered alike")
	for r := rune(0); r <= unicode.MaxRune; r += 16 {
		s := ""
		for c := r; c < r+16; c++ {
			if c < 0xd800 || c > 0xdfff {
				s += string(c)
			}
		}
		o.text(s)
		o.path("a.b/" + string(r))
	}
	o.result("every code point is folded alike")
	for i := 0; i < n-n/8; {
		before := 0
		for _, c := range o.asked {
			before += c
		}
		o.path(o.mutate(o.pick(paths)))
		o.version(o.mutate(o.pick(versions)), o.mutate(o.pick(versions)))
		o.pair(o.mutate(o.pick(paths)), o.mutate(o.pick(versions)))
		o.pair(o.pick(paths), o.mutate(o.pick(versions)))
		o.text(o.mutate(o.pick(bits) + o.pick(paths)))
		o.makePseudo()
		for _, c := range o.asked {
			i += c
		}
		i -= before
	}
	o.result("random and mutated texts are answered alike")
	for i := 0; i < n/8; i++ {
		o.zip(os.Args[2], i)
	}
	o.result("random and mutated zips are taken with the same hash, or refused by both, or by a rule of ours")
	total := 0
	for _, c := range o.asked {
		total += c
	}
	fmt.Printf("# %d questions: %s\n# zips: %d taken; refused by both: %s; by stoa alone: %s\n", total,
		counts(o.asked), o.taken, counts(o.both), counts(o.stern))
	if o.taken < n/100 || len(o.both) < 8 {
		o.differ("too few of the zips are good ones, or of each kind of bad ones")
	}
	if total < 100000 {
		o.differ("too few questions: %d", total)
	}
	o.result("there were enough of each")
	fmt.Printf("1..%d\n", o.test)
	in.Close()
	if err := cmd.Wait(); err != nil {
		fmt.Printf("Bail out! the driver: %v\n", err)
	}
}
