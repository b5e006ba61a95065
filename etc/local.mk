# The sample file is made of conf.def, as stoa.conf(5) is.
if RUN_STOACTL
sampledir = $(docdir)/examples
nodist_sample_DATA = etc/stoa.conf.sample
CLEANFILES += etc/stoa.conf.sample
endif

etc/stoa.conf.sample: $(STOACTL_MADE)
	$(AM_V_GEN)$(MKDIR_P) etc && \
	$(STOACTL) config --sample > $@.tmp && mv -f $@.tmp $@

# Web servers, each ready to use but for the names between at signs.
lighttpddir = $(docdir)/examples/lighttpd
dist_lighttpd_DATA = \
	etc/lighttpd/README \
	etc/lighttpd/cgi.conf \
	etc/lighttpd/fastcgi.conf \
	etc/lighttpd/static-first.conf

EXTRA_DIST += etc/quickstart.sh
