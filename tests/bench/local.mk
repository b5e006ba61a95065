# The benchmark (sh tests/bench/run.sh): no test, since its numbers are the
# machine's. What it compares stoa with is built only by `make bench-programs`.
BENCHMARKED = tests/bench/empty.fcgi tests/bench/empty.cgi tests/bench/load \
	tests/bench/spawn
EXTRA_PROGRAMS = $(BENCHMARKED)
CLEANFILES += $(BENCHMARKED)
tests_bench_empty_fcgi_SOURCES = tests/bench/empty_fcgi.c
tests_bench_empty_fcgi_LDADD = $(FCGI_LIBS)
tests_bench_empty_cgi_SOURCES = tests/bench/empty_cgi.c
tests_bench_load_SOURCES = tests/bench/load.c
tests_bench_spawn_SOURCES = tests/bench/spawn.c
EXTRA_DIST += tests/bench/run.sh tests/bench/verify.sh tests/bench/bench.py tests/bench/lab.py \
	tests/bench/rows.py tests/bench/webs.py tests/bench/live.py \
	tests/bench/far.py tests/bench/repos.py tests/bench/project.py tests/bench/origin.go

.PHONY: bench-programs
bench-programs: $(BENCHMARKED)
