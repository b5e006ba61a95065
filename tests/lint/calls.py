"""Each call that needs care has owners; nobody else may make it.

SPDX-License-Identifier: Apache-2.0
"""
import re

from csource import Tap, code, files, read

MAINS = r"(fcgi|cgi-bin|fetch|admin)/"
IO = r"common/base/(io|compat_\w+)\.c$"
MEM = r"common/base/mem\.c$"
CHILD = r"common/base/child\.c$"
NOBODY = r"$^"

OWNERS = [
    ("files are opened by base/io.c alone",
     "open openat openat2 open64 creat fopen freopen opendir mkstemp mkostemp mkdtemp", IO),
    ("names are changed by base/io.c alone",
     "rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat "
     "rmdir remove truncate", IO),
    ("files are synced by base/io.c alone", "fsync fdatasync sync syncfs", IO),
    ("memory is taken by base/mem.c alone",
     "malloc calloc realloc reallocarray strdup strndup asprintf vasprintf aligned_alloc "
     "posix_memalign", MEM),
    ("the environment is read by programs and base/log.c alone",
     "getenv secure_getenv", MAINS + r"|common/base/log\.c$"),
    ("nobody changes the environment or the folder",
     "setenv putenv unsetenv clearenv chdir fchdir chroot", NOBODY),
    ("children are run by base/child.c alone",
     "posix_spawn posix_spawnp kill killpg wait wait3 wait4 waitid", CHILD),
    # serve/helper.c collects the lingering helpers that it has started
    ("children are waited for by base/child.c and serve/helper.c alone", "waitpid",
     CHILD + r"|common/serve/helper\.c$"),
    ("only programs exit", "exit quick_exit", MAINS),
    ("only programs, base/mem.c and base/must.c end at once", "_exit abort _Exit",
     MAINS + r"|common/base/(mem|must)\.c$"),
    ("only programs print",
     "printf fprintf vprintf vfprintf puts fputs putchar fputc putc perror dprintf vdprintf "
     "psignal error warn warnx err errx syslog", MAINS),
    ("only programs handle signals", "signal sigaction sigprocmask pthread_sigmask",
     MAINS + "|" + CHILD),
    # base/io.c in a build with --enable-fault-injection
    ("only programs, base/child.c and base/io.c raise signals", "raise",
     MAINS + "|" + CHILD + "|" + IO),
    ("numbers are parsed by base/parse.c alone",
     "strtol strtoul strtoll strtoull strtod strtof strtoimax strtoumax scanf fscanf vsscanf",
     r"common/base/parse\.c$"),
    ("clocks are read by base/clock.c alone", "time gettimeofday clock_gettime",
     r"common/base/clock\.c$"),
    ("nobody sleeps", "sleep usleep nanosleep clock_nanosleep", r"common/base/clock\.c$"),
    ("responders look no host up", "getaddrinfo gethostbyname gethostbyname2 inet_pton inet_aton",
     r"(fetch|admin)/"),
    # Unix sockets: the web server's, and the helper's in the cache's state folder
    ("sockets are made by fcgi/listen.c and cache/jobsock.c alone",
     "socket socketpair bind listen connect", r"fcgi/listen\.c$|common/cache/jobsock\.c$"),
    ("connections are accepted by stoa.fcgi and the helper alone", "accept accept4", r"fcgi/|fetch/"),
    ("nobody runs a shell or forks", "system popen fork vfork wordexp", NOBODY),
]

tap = Tap()
responders = [(f, code(read(f))) for f in files(".c", ".h", folders=("common", "fcgi", "cgi-bin"))]
tap.check("responders know no internet addresses",
          ["%s: %s" % (f, m) for f, t in responders
           for m in re.findall(r"\b(?:P|A)F_INET6?\b|\bsockaddr_in6?\b|netinet/\w+\.h|netdb\.h", t)])
ours = [(f, code(read(f))) for f in files(".c", ".h") if not f.startswith("tests/")]
for claim, calls, owners in OWNERS:
    pattern = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(calls.split()))
    bad = []
    for name, text in ours:
        if re.match(owners, name):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            m = pattern.search(line)
            if m and not line.startswith("#"):
                bad.append("%s:%d: %s()" % (name, number, m.group(1)))
    tap.check(claim, bad)
probe = 'int x = open("a"); p->open(1); s.kill(2); /* malloc( */ char *c = "fork(";'
got = re.findall(r"(?<![\w.>])(open|kill|malloc|fork)\s*\(", code(probe))
tap.check("members, comments and strings are no calls", [] if got == ["open"] else [repr(got)])
tap.end()
