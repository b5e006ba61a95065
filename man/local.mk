dist_man_MANS += \
	man/stoa-cache.5 \
	man/stoa-fetch.8 \
	man/stoa.7 \
	man/stoa.cgi.8 \
	man/stoa.fcgi.8

# stoa.conf(5) is made of conf.def by the stoactl just built, or by another
# one when that cannot run here (see configure --help, STOACTL).
dist_man_MANS += man/stoactl.1
EXTRA_DIST += man/stoa.conf.5.in
if RUN_STOACTL
nodist_man_MANS += man/stoa.conf.5
CLEANFILES += man/stoa.conf.5
endif

man/stoa.conf.5: man/stoa.conf.5.in $(STOACTL_MADE)
	$(AM_V_GEN)$(MKDIR_P) man && \
	$(STOACTL) config --mdoc > $@.keys && \
	$(SED) -e '/^\.\\"/!{' -e '/^@KEYS@$$/{' -e 'r $@.keys' -e d -e '}' \
		-e 's|@CONF@|$(sysconfdir)/stoa.conf|g' \
		-e 's|@SAMPLE@|$(docdir)/examples/stoa.conf.sample|g' -e '}' \
		$(srcdir)/man/stoa.conf.5.in > $@.tmp && \
	rm -f $@.keys && mv -f $@.tmp $@
