# End-to-end tests: tests/t/NNNN-area-claim.t, POSIX sh and TAP.
T_LOG_COMPILER = /bin/sh
T_TESTS = \
	tests/t/0010-infra-the-tools-of-the-tests-work.t \
	tests/t/0100-serve-every-route-answers-with-its-headers.t \
	tests/t/0110-serve-conditional-and-range-requests.t \
	tests/t/0120-serve-below-a-mount-point.t \
	tests/t/0200-input-bad-paths-are-refused-by-cgi.t \
	tests/t/0210-input-bad-paths-are-refused-by-fcgi.t \
	tests/t/0300-upstream-faults-have-their-status.t \
	tests/t/0301-upstream-faults-with-a-helper-each.t \
	tests/t/0310-upstream-wrong-content-is-never-published.t \
	tests/t/0320-upstream-redirects-and-credentials.t \
	tests/t/0400-fresh-lists-age-and-are-refreshed.t \
	tests/t/0410-fresh-lists-are-merged-and-fall-back.t \
	tests/t/0450-sumdb-is-passed-through.t \
	tests/t/0500-cache-is-a-plain-proxy-tree.t \
	tests/t/0510-servers-lighttpd-answers-as-stoa-does.t \
	tests/t/0515-servers-lighttpd-keeps-strangers-out.t \
	tests/t/0520-servers-apache-answers-as-stoa-does.t \
	tests/t/0525-servers-apache-keeps-strangers-out.t \
	tests/t/0530-servers-nginx-answers-as-stoa-does.t \
	tests/t/0535-servers-nginx-keeps-strangers-out.t \
	tests/t/0540-servers-caddy-answers-as-stoa-does.t \
	tests/t/0545-servers-caddy-keeps-strangers-out.t \
	tests/t/0600-miss-one-fetch-for-a-hundred-requests.t \
	tests/t/0601-miss-one-fetch-with-a-helper-each.t \
	tests/t/0610-miss-never-starves-hits.t \
	tests/t/0611-miss-never-starves-hits-with-a-helper-each.t \
	tests/t/0620-miss-survives-kills-at-any-instant.t \
	tests/t/0621-miss-survives-kills-with-a-helper-each.t \
	tests/t/0630-helper-one-serves-many-misses.t \
	tests/t/0640-helper-leaves-nothing-behind.t \
	tests/t/0700-fcgi-stops-soon-and-answers-what-it-has.t \
	tests/t/0710-fcgi-rude-peers-do-no-harm.t \
	tests/t/0720-fcgi-is-started-in-every-usual-way.t \
	tests/t/0730-cgi-takes-nothing-from-its-arguments.t \
	tests/t/0740-http-behind-lighttpd.t \
	tests/t/0750-fcgi-restarts-without-losing-a-request.t \
	tests/t/0760-fcgi-runs-under-systemd-and-spawn-fcgi.t \
	tests/t/0770-stoactl-completes-in-three-shells.t \
	tests/t/0800-go-command-works-through-it.t \
	tests/t/0810-go-live-project-downloads-cold-and-offline.t \
	tests/t/0830-admin-looks-after-what-is-stored.t \
	tests/t/0850-oracle-agrees-with-x-mod.t \
	tests/t/0900-quickstart.t \
	tests/t/0910-lighttpd-configurations.t \
	tests/t/0950-pack-tarball-builds-with-little.t
TESTS += $(T_TESTS)
EXTRA_DIST += $(T_TESTS) \
	tests/run.sh \
	tests/data/badpaths \
	tests/data/brokenheaders \
	tests/data/live/go.mod \
	tests/data/live/go.sum \
	tests/data/live/tools.go \
	tests/lib/badpaths.py \
	tests/lib/fcgi.py \
	tests/lib/lsan.supp \
	tests/lib/mkmod \
	tests/lib/pack.sh \
	tests/lib/procs.py \
	tests/lib/tap.py \
	tests/lib/tap.sh \
	tests/lib/withsocket.py \
	tests/matrix/checks.py \
	tests/matrix/client.py \
	tests/matrix/differences \
	tests/matrix/matrix.py \
	tests/matrix/requests \
	tests/matrix/servers.py \
	tests/upstream/upstream.py
