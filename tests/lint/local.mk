LINT_TESTS = \
	tests/lint/arrows.t \
	tests/lint/calls.t \
	tests/lint/hosts.t \
	tests/lint/links.t \
	tests/lint/man.t \
	tests/lint/sh.t \
	tests/lint/style.t
TESTS += $(LINT_TESTS)
EXTRA_DIST += $(LINT_TESTS) \
	tests/lint/arrows.py \
	tests/lint/calls.py \
	tests/lint/csource.py \
	tests/lint/style.py
