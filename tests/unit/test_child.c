/* tests/unit/test_child.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/stop.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const char *const path_only[] = { "PATH=/usr/bin:/bin", NULL };

/* A shell script's spec; argv lives as long as the caller's frame. */
static struct child_spec spec_of(const char *script, const char **argv)
{
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	return (struct child_spec){
		.program = "/bin/sh",
		.argv = argv,
		.env = path_only,
		.deadline_ms = clock_ms() + 30000,
		.grace_ms = 10000,
	};
}

static struct child_result run(const struct child_spec *spec)
{
	struct child_result result = { .out = BUF(100000) };
	struct err err = ERR();

	ck_assert_msg(child_run(spec, &result, &err) == 0, "%s", err.text.p);
	err_release(&err);
	return result;
}

static struct child_result run_script(const char *script)
{
	const char *argv[4];
	struct child_spec spec = spec_of(script, argv);

	return run(&spec);
}

static const int codes[] = { 0, 1, 2, 10, 22, 78, 126, 127, 255 };

START_TEST(exit_code_and_output_arrive)
{
	struct buf script = BUF(100);

	buf_printf(&script, "echo some; echo text; exit %d", codes[_i]);
	struct child_result r = run_script(script.p);
	ck_assert_int_eq(r.exit_code, codes[_i]);
	ck_assert_int_eq(r.signal, 0);
	ck_assert(!r.timed_out);
	ck_assert_str_eq(r.out.p, "some\ntext\n");
	buf_release(&r.out);
	buf_release(&script);
}
END_TEST

START_TEST(a_signal_is_told_from_an_exit)
{
	struct child_result r = run_script("kill -SEGV $$");

	ck_assert_int_eq(r.exit_code, -1);
	ck_assert_int_eq(r.signal, SIGSEGV);
	ck_assert(!r.timed_out);
	buf_release(&r.out);
}
END_TEST

START_TEST(a_missing_program_is_an_error)
{
	static const char *const argv[] = { "x", NULL };
	const struct child_spec spec = {
		.program = "/nonexistent/stoa-none", .argv = argv, .env = path_only,
		.deadline_ms = clock_ms() + 30000, .grace_ms = 1000,
	};
	struct child_result r = { .out = BUF(10) };
	struct err err = ERR();
	pid_t pid = 42;

	ck_assert_int_eq(child_run(&spec, &r, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	ck_assert_int_eq(strncmp(err.text.p, "cannot run stoa-none: ", 22), 0);
	ck_assert_int_eq(child_start(&spec, &pid, &err), -1);
	ck_assert_int_eq(pid, 42);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	err_release(&err);
}
END_TEST

START_TEST(the_environment_is_only_what_was_given)
{
	static const char *const argv[] = { "env", NULL };
	static const char *const env[] = { "A=1", "B=two words", NULL };
	const struct child_spec spec = {
		.program = "/usr/bin/env", .argv = argv, .env = env,
		.deadline_ms = clock_ms() + 30000, .grace_ms = 1000,
	};

	ck_assert_int_eq(setenv("HTTP_PROXY", "http://evil.example", 1), 0);
	struct child_result r = run(&spec);
	ck_assert_str_eq(r.out.p, "A=1\nB=two words\n");
	buf_release(&r.out);
}
END_TEST

START_TEST(arguments_arrive_whole)
{
	static const char *const argv[] = {
		"sh", "-c", "printf '<%s>' \"$@\"", "sh", "--", "a b", "", "*", "'\"\n", NULL
	};
	const struct child_spec spec = {
		.program = "/bin/sh", .argv = argv, .env = path_only,
		.deadline_ms = clock_ms() + 30000, .grace_ms = 1000,
	};
	struct child_result r = run(&spec);

	ck_assert_str_eq(r.out.p, "<--><a b><><*><'\"\n>");
	buf_release(&r.out);
}
END_TEST

START_TEST(standard_input_is_empty)
{
	struct child_result r = run_script("cat; echo end");

	ck_assert_str_eq(r.out.p, "end\n");
	buf_release(&r.out);
}
END_TEST

static const size_t inputs[] = { 1, 100, CHILD_INPUT_MAX };

START_TEST(input_arrives_whole_and_ends)
{
	const char *argv[4];
	struct child_spec spec = spec_of("wc -c; exec 0<&-; echo end", argv);
	struct buf text = BUF(CHILD_INPUT_MAX);
	struct buf wanted = BUF(100);

	while (text.n < inputs[_i])
		buf_putc(&text, 'x');
	buf_printf(&wanted, "%zu\nend\n", inputs[_i]);
	spec.input = buf_view(&text);
	struct child_result r = run(&spec);
	ck_assert_str_eq(r.out.p, wanted.p);
	buf_release(&r.out);
	spec.argv = (const char *const[]){ "sh", "-c", "echo unread", NULL };
	r = run(&spec);
	ck_assert_str_eq(r.out.p, "unread\n");
	buf_release(&r.out);
	buf_release(&text);
	buf_release(&wanted);
}
END_TEST

START_TEST(output_is_cut_at_the_maximum_and_the_child_goes_on)
{
	const char *argv[4];
	struct child_spec spec = spec_of("i=0; while [ $i -lt 3000 ]; do "
		"echo 0123456789012345678901234567890123456789012345678901234567890123456789; "
		"i=$((i + 1)); done; exit 3", argv);
	struct child_result r = { .out = BUF(100) };
	struct err err = ERR();

	ck_assert_int_eq(child_run(&spec, &r, &err), 0);
	ck_assert_int_eq(r.exit_code, 3);
	ck_assert_uint_eq(r.out.n, 100);
	ck_assert(!r.out.over);
	buf_release(&r.out);
	err_release(&err);
}
END_TEST

/* Descriptors that a careless library left without O_CLOEXEC, on every free one
 * of these numbers (libcheck has its own among them). */
static void leave_strays(int fd)
{
	static const int strays[] = { 3, 4, 5, 6, 7, 8, 9, 17, 63, 64, 65, 66, 100 };

	for (size_t i = 0; i < ARRAY_SIZE(strays); i++) {
		if (fcntl(strays[i], F_GETFD) >= 0)
			continue;
		ck_assert_int_eq(dup2(fd, strays[i]), strays[i]);
#ifndef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
		fcntl(strays[i], F_SETFD, FD_CLOEXEC); /* all that helps there */
#endif
	}
}

#define COUNT_FROM(first) \
	"for i in " first " 5 6 7 8 9 10 11 12 17 63 64 65 66 67 100; do " \
	"[ -e /dev/fd/$i ] && echo leaked $i; done; true"

START_TEST(kept_descriptors_arrive_as_3_and_4_and_no_other)
{
	const char *argv[4];
	int dir = unit_folder();

	unit_write(dir, "one", "first ");
	unit_write(dir, "two", "second ");
	int one = openat(dir, "one", O_RDONLY);
	int two = openat(dir, "two", O_RDONLY);
	leave_strays(one);
	/* Each in the other's place. What libcheck has there comes back before
	 * the first claim. */
	int was3 = fcntl(3, F_DUPFD_CLOEXEC, 200);
	int was4 = fcntl(4, F_DUPFD_CLOEXEC, 200);
	int first = fcntl(one, F_DUPFD_CLOEXEC, 200);
	int second = fcntl(two, F_DUPFD_CLOEXEC, 200);
	dup2(first, 4);
	dup2(second, 3);
	struct child_spec spec = spec_of("cat <&3; cat <&4; " COUNT_FROM(""), argv);
	spec.keep[0] = 4;
	spec.keep[1] = 3;
	spec.n_keep = 2;
	struct child_result r = { .out = BUF(1000) };
	struct err err = ERR();
	int rc = child_run(&spec, &r, &err);
	bool still_open = fcntl(3, F_GETFD) >= 0 && fcntl(4, F_GETFD) >= 0;
	dup2(was3, 3);
	dup2(was4, 4);
	ck_assert_msg(rc == 0, "%s", err.text.p);
	ck_assert(still_open);
	ck_assert_str_eq(r.out.p, "first second ");
	buf_release(&r.out);
	err_release(&err);
}
END_TEST

START_TEST(nothing_is_kept_unless_named)
{
	leave_strays(2);
	struct child_result r = run_script(COUNT_FROM("3 4"));

	ck_assert_str_eq(r.out.p, "");
	buf_release(&r.out);
}
END_TEST

/* Waits until nobody holds the pipe's other end. */
static bool all_gone(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char c = 0;

	return poll(&pfd, 1, 20000) == 1 && io_read(fd, &c, 1) == 0;
}

static const struct {
	const char *script;
	int grace_ms;
	int exit_code, signal;
} overdue[] = {
	/* The shell, a child of it, and a grandchild in the background. */
	{ "sleep 300 & sh -c 'sleep 300' & wait", 10000, -1, SIGTERM },
	{ "exec >&-; sleep 300", 10000, -1, SIGTERM },
	{ "while :; do echo and so on; done", 10000, -1, SIGTERM },
	{ "trap 'exit 7' TERM; sleep 300 & wait", 10000, 7, 0 },
	{ "trap '' TERM; sleep 300 & wait", 50, -1, SIGKILL },
	{ "trap '' TERM; while :; do :; done", 50, -1, SIGKILL },
};

START_TEST(the_deadline_ends_the_whole_group)
{
	const char *argv[4];
	int pair[2] = { -1, -1 };
	struct child_spec spec = spec_of(overdue[_i].script, argv);

	ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
	int64_t start = clock_ms();
	spec.deadline_ms = start + 300;
	spec.grace_ms = overdue[_i].grace_ms;
	spec.keep[0] = pair[1];
	spec.n_keep = 1;
	struct child_result r = run(&spec);
	close(pair[1]);
	ck_assert(r.timed_out);
	ck_assert_int_ge(clock_ms(), start + 300);
	ck_assert_int_lt(clock_ms(), start + 9000);
	ck_assert_int_eq(r.exit_code, overdue[_i].exit_code);
	ck_assert_int_eq(r.signal, overdue[_i].signal);
	ck_assert(all_gone(pair[0]));
	buf_release(&r.out);
}
END_TEST

START_TEST(a_writer_that_outlives_the_child_is_not_waited_for)
{
	int64_t start = clock_ms();
	struct child_result r = run_script("sleep 300 & echo done; exit 5");

	ck_assert_int_lt(clock_ms(), start + 10000);
	ck_assert_int_eq(r.exit_code, 5);
	ck_assert(!r.timed_out);
	ck_assert_str_eq(r.out.p, "done\n");
	buf_release(&r.out);
}
END_TEST

START_TEST(a_stop_request_ends_the_wait)
{
	const char *argv[4];
	struct child_spec spec = spec_of("sleep 300", argv);

	int64_t start = clock_ms();
	stop_request();
	struct child_result r = run(&spec);
	ck_assert_int_lt(clock_ms(), start + 10000);
	ck_assert_int_eq(r.signal, SIGTERM);
	buf_release(&r.out);
}
END_TEST

START_TEST(signals_are_at_their_defaults)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	struct child_result r = run_script("kill -PIPE $$; echo still here");
	ck_assert_int_eq(r.signal, SIGPIPE);
	ck_assert_str_eq(r.out.p, "");
	buf_release(&r.out);
	r = run_script("kill -TERM $$; echo still here");
	ck_assert_int_eq(r.signal, SIGTERM);
	buf_release(&r.out);
}
END_TEST

START_TEST(the_child_leads_its_own_group)
{
	struct child_result r = run_script("kill -KILL 0"); /* its group, not ours */

	ck_assert_int_eq(r.signal, SIGKILL);
	buf_release(&r.out);
}
END_TEST

START_TEST(quiet_takes_standard_error_away)
{
	const char *argv[4];
	struct buf said = BUF(100);
	int dir = unit_folder();

	unit_write(dir, "stderr", "");
	int fd = openat(dir, "stderr", O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_eq(dup2(fd, 2), 2);
	struct child_spec spec = spec_of("echo loud >&2", argv);
	struct child_result r = run(&spec);
	buf_release(&r.out);
	spec.quiet = true;
	r = run(&spec);
	buf_release(&r.out);
	ck_assert_int_eq(io_read_file(dir, "stderr", &said), 0);
	ck_assert_str_eq(said.p, "loud\n");
	buf_release(&said);
}
END_TEST

START_TEST(what_it_says_is_told_from_what_it_prints)
{
	const char *argv[4];
	struct err err = ERR();
	struct child_spec spec = spec_of("echo out; echo said >&2; echo more; exec 1>&-; "
					 "printf %05000d 0 >&2", argv);
	struct child_result r = { .out = BUF(100), .said = BUF(1000) };

	spec.listen = true;
	ck_assert_int_eq(child_run(&spec, &r, &err), 0);
	ck_assert_int_eq(r.exit_code, 0);
	ck_assert_str_eq(r.out.p, "out\nmore\n");
	ck_assert_uint_eq(r.said.n, 1000);
	ck_assert(str_starts(buf_view(&r.said), STR("said\n00")));
	buf_release(&r.out);
	buf_release(&r.said);
}
END_TEST

#ifdef HAVE_PRLIMIT
static const struct {
	int64_t cpu_seconds;
	int64_t memory;
	int64_t file_size;
	const char *script;
	const char *out;
} limits[] = {
	{ 1, 0, 0, "until [ $(ulimit -t) = 1 ]; do :; done; "
	  "sh -c 'while :; do :; done' & wait $!; echo $?", "152\n" },
	{ 0, 20 << 20, 0, "until [ $(ulimit -d) = 20480 ]; do :; done; "
	  "head -c 90000000 /dev/zero | tail -c 80000000 >/dev/null; echo $?", "1\n" },
	{ 0, 0, 1 << 20, "until [ $(ulimit -f) = 2048 ]; do :; done; "
	  "f=$(mktemp); head -c 3000000 /dev/zero >$f; echo $?; wc -c <$f; rm $f", "153\n1048576\n" },
	{ 60, 200 << 20, 9 << 20, "f=$(mktemp); head -c 3000000 /dev/zero | tail -c 2000000 >$f; "
	  "echo $?; wc -c <$f; rm $f", "0\n2000000\n" },
};

START_TEST(limits_hold_for_what_the_child_starts)
{
	const char *argv[4];
	struct child_spec spec = spec_of(limits[_i].script, argv);

	spec.quiet = true;
	spec.cpu_seconds = limits[_i].cpu_seconds;
	spec.memory = limits[_i].memory;
	spec.file_size = limits[_i].file_size;
	struct child_result r = run(&spec);
	ck_assert_str_eq(r.out.p, limits[_i].out);
	buf_release(&r.out);
}
END_TEST
#endif

START_TEST(start_does_not_wait)
{
	const char *argv[4];
	struct child_spec spec = spec_of("echo to nowhere; read x; exit 9", argv);
	struct err err = ERR();
	pid_t pid = -1;
	int status = 0;

	ck_assert_int_eq(child_start(&spec, &pid, &err), 0);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 9);
	err_release(&err);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(exit_code_and_output_arrive, codes),
		UNIT(a_signal_is_told_from_an_exit),
		UNIT(a_missing_program_is_an_error),
		UNIT(the_environment_is_only_what_was_given),
		UNIT(arguments_arrive_whole),
		UNIT(standard_input_is_empty),
		UNIT_EACH(input_arrives_whole_and_ends, inputs),
		UNIT(output_is_cut_at_the_maximum_and_the_child_goes_on),
		UNIT(kept_descriptors_arrive_as_3_and_4_and_no_other),
		UNIT(nothing_is_kept_unless_named),
		UNIT_EACH(the_deadline_ends_the_whole_group, overdue),
		UNIT(a_writer_that_outlives_the_child_is_not_waited_for),
		UNIT(a_stop_request_ends_the_wait),
		UNIT(signals_are_at_their_defaults),
		UNIT(the_child_leads_its_own_group),
		UNIT(quiet_takes_standard_error_away),
		UNIT(what_it_says_is_told_from_what_it_prints),
#ifdef HAVE_PRLIMIT
		UNIT_EACH(limits_hold_for_what_the_child_starts, limits),
#endif
		UNIT(start_does_not_wait),
	};

	return unit_run("child", tests, ARRAY_SIZE(tests));
}
