# The sample file is made of conf.def, as stoa.conf(5) is.
if RUN_STOACTL
sampledir = $(docdir)/examples
nodist_sample_DATA = etc/stoa.conf.sample
CLEANFILES += etc/stoa.conf.sample
endif

etc/stoa.conf.sample: $(STOACTL_MADE)
	$(AM_V_GEN)$(MKDIR_P) etc && \
	$(STOACTL) config --sample > $@.tmp && mv -f $@.tmp $@

# Completion of command lines, made of the programs' own tables. bash and fish
# look for a file for each program, zsh reads the first lines of all.
COMPLETIONS = etc/completion/stoactl etc/completion/_stoactl etc/completion/stoactl.fish
if RUN_STOACTL
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = etc/completion/stoactl
nodist_zshcompletion_DATA = etc/completion/_stoactl
nodist_fishcompletion_DATA = etc/completion/stoactl.fish
CLEANFILES += $(COMPLETIONS)
install-data-hook: install-completion-links
uninstall-hook: uninstall-completion-links
endif

etc/completion/stoactl etc/completion/_stoactl etc/completion/stoactl.fish: $(STOACTL_MADE)
	$(AM_V_GEN)$(MKDIR_P) etc/completion && case $@ in \
	*/_*) shell=zsh ;; *.fish) shell=fish ;; *) shell=bash ;; esac && \
	$(STOACTL) completion $$shell > $@.tmp && mv -f $@.tmp $@

install-completion-links:
	cd $(DESTDIR)$(bashcompletiondir) && for p in stoa-fetch stoa.fcgi; do \
		rm -f $$p && $(LN_S) stoactl $$p || exit 1; done
	cd $(DESTDIR)$(fishcompletiondir) && for p in stoa-fetch stoa.fcgi; do \
		rm -f $$p.fish && $(LN_S) stoactl.fish $$p.fish || exit 1; done
uninstall-completion-links:
	for p in stoa-fetch stoa.fcgi; do rm -f $(DESTDIR)$(bashcompletiondir)/$$p \
		$(DESTDIR)$(fishcompletiondir)/$$p.fish; done
.PHONY: install-completion-links uninstall-completion-links

# Web servers, each ready to use but for the names between at signs.
lighttpddir = $(docdir)/examples/lighttpd
dist_lighttpd_DATA = \
	etc/lighttpd/README \
	etc/lighttpd/accesslog.conf \
	etc/lighttpd/auth.conf \
	etc/lighttpd/cgi-all.conf \
	etc/lighttpd/cgi.conf \
	etc/lighttpd/external-static-first.conf \
	etc/lighttpd/external.conf \
	etc/lighttpd/fastcgi.conf \
	etc/lighttpd/proxy-protocol.conf \
	etc/lighttpd/static-first.conf \
	etc/lighttpd/tls-proxy-protocol.conf \
	etc/lighttpd/tls.conf
apachedir = $(docdir)/examples/apache
dist_apache_DATA = \
	etc/apache/README \
	etc/apache/apache.conf \
	etc/apache/auth.conf \
	etc/apache/cgid.conf \
	etc/apache/fcgid.conf \
	etc/apache/htaccess \
	etc/apache/proxy-fcgi.conf \
	etc/apache/proxy-protocol.conf \
	etc/apache/static.conf \
	etc/apache/tls-proxy-protocol.conf \
	etc/apache/tls.conf
nginxdir = $(docdir)/examples/nginx
dist_nginx_DATA = \
	etc/nginx/README \
	etc/nginx/auth.conf \
	etc/nginx/fastcgi.conf \
	etc/nginx/nginx.conf \
	etc/nginx/proxy-protocol.conf \
	etc/nginx/static.conf \
	etc/nginx/tls-proxy-protocol.conf \
	etc/nginx/tls.conf \
	etc/nginx/upstream-keep.conf \
	etc/nginx/upstream.conf
caddydir = $(docdir)/examples/caddy
dist_caddy_DATA = \
	etc/caddy/Caddyfile \
	etc/caddy/README \
	etc/caddy/auth.conf \
	etc/caddy/fastcgi.conf \
	etc/caddy/proxy-protocol.global \
	etc/caddy/proxy-protocol.site \
	etc/caddy/static.conf \
	etc/caddy/tls.site

EXTRA_DIST += etc/quickstart.sh

# What says where the programs are.
fill_in = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' -e 's|@bindir[@]|$(bindir)|g' \
		-e 's|@STOA_USER[@]|$(STOA_USER)|g' -e 's|@WEB_GROUP[@]|$(WEB_GROUP)|g' \
		-e 's|@VERSION[@]|$(VERSION)|g'

FILLED_IN = \
	etc/spawn-fcgi/stoa.sh \
	etc/systemd/stoa.service \
	etc/systemd/stoa.socket \
	etc/systemd/stoa.sysusers
$(FILLED_IN): Makefile
	$(fill_in) $(srcdir)/$@.in >$@.tmp && mv -f $@.tmp $@
etc/spawn-fcgi/stoa.sh: $(srcdir)/etc/spawn-fcgi/stoa.sh.in
etc/systemd/stoa.service: $(srcdir)/etc/systemd/stoa.service.in
etc/systemd/stoa.socket: $(srcdir)/etc/systemd/stoa.socket.in
etc/systemd/stoa.sysusers: $(srcdir)/etc/systemd/stoa.sysusers.in
EXTRA_DIST += $(FILLED_IN:=.in)
CLEANFILES += $(FILLED_IN)

# Units are off until somebody enables them.
if SYSTEMD
nodist_systemdsystemunit_DATA = etc/systemd/stoa.service etc/systemd/stoa.socket
nodist_sysusers_DATA = etc/systemd/stoa.conf
endif
CLEANFILES += etc/systemd/stoa.conf
etc/systemd/stoa.conf: etc/systemd/stoa.sysusers
	$(AM_V_GEN)cp etc/systemd/stoa.sysusers $@

spawnfcgidir = $(docdir)/examples/spawn-fcgi
nodist_spawnfcgi_SCRIPTS = etc/spawn-fcgi/stoa.sh

# The Debian packages, from a release tarball. DEB_BUILD_OPTIONS= runs the unit
# tests too.
DEBIAN = \
	etc/debian/changelog \
	etc/debian/conf/apache2/stoa.conf \
	etc/debian/conf/lighttpd/90-stoa.conf \
	etc/debian/conf/nginx/stoa.conf \
	etc/debian/control \
	etc/debian/copyright \
	etc/debian/not-installed \
	etc/debian/rules \
	etc/debian/source/format \
	etc/debian/stoa-doc.install \
	etc/debian/stoa-doc.lintian-overrides \
	etc/debian/stoa.README.Debian \
	etc/debian/stoa.install \
	etc/debian/stoa.lintian-overrides \
	etc/debian/stoa.postinst \
	etc/debian/stoa.postrm \
	etc/debian/tests/control \
	etc/debian/tests/download
EXTRA_DIST += $(DEBIAN)

deb: dist
	rm -rf deb && $(MKDIR_P) deb
	sed q $(srcdir)/etc/debian/changelog | grep -q '^stoa ($(VERSION)-'
	cp $(distdir).tar.xz deb/$(PACKAGE)_$(VERSION).orig.tar.xz
	cd deb && tar -xf $(PACKAGE)_$(VERSION).orig.tar.xz
	cp -R deb/$(distdir)/etc/debian deb/$(distdir)/debian
	cd deb/$(distdir) && \
		DEB_BUILD_OPTIONS="$${DEB_BUILD_OPTIONS-nocheck}" dpkg-buildpackage -us -uc
	@cd deb && echo "sizes in kB, packed and installed:" && for p in *.deb; do \
		echo "  $$p $$(du -k $$p | cut -f 1) $$(dpkg-deb -f $$p Installed-Size)"; done
clean-local: clean-packages
clean-packages:
	rm -rf bundle deb rpm
.PHONY: bundle clean-packages deb rpm

# RPM packages, likewise. --nodeps: the libraries may have come from elsewhere
# than RPM packages, as on Debian, where systemd's macros are missing too.
EXTRA_DIST += etc/rpm/stoa.rpmlintrc etc/rpm/stoa.spec

rpm: dist
	rm -rf rpm && $(MKDIR_P) rpm/SOURCES
	grep -q '^Version: *$(VERSION)$$' $(srcdir)/etc/rpm/stoa.spec
	cp $(distdir).tar.xz rpm/SOURCES/
	set -- -D "_topdir $(abs_builddir)/rpm"; \
	for m in "_unitdir /usr/lib/systemd/system" "_sysusersdir /usr/lib/sysusers.d" \
		"packager The Stoa packagers <packagers@stoa.invalid>"; do \
		case $$(rpm -E "%$${m%% *}") in %*) set -- "$$@" -D "$$m" ;; esac; \
	done; \
	rpmbuild --nodeps -ba "$$@" $(srcdir)/etc/rpm/stoa.spec
	@cd rpm && echo "sizes in kB, packed and installed:" && for p in RPMS/*/*.rpm; do \
		echo "  $${p##*/} $$(du -k $$p | cut -f 1)" \
		"$$(rpm -qp --qf '%{SIZE}' $$p | awk '{ print int($$1 / 1024 + 1) }')"; done

# The archive for shared hosts. Needs libinih.a and a static libc for stoa.cgi.
EXTRA_DIST += \
	etc/bundle/INSTALL \
	etc/bundle/bundle.sh \
	etc/bundle/check.cgi \
	etc/bundle/htaccess \
	etc/bundle/private-htaccess \
	etc/bundle/stoa-fetch.sh \
	etc/bundle/stoa.conf

bundle: $(cgi_bin_stoa_cgi_OBJECTS) common/libcommon.a fetch/stoa-fetch$(EXEEXT)
	rm -rf bundle && $(MKDIR_P) bundle
	$(CC) $(AM_CFLAGS) $(CFLAGS) -static -o bundle/stoa.cgi $(cgi_bin_stoa_cgi_OBJECTS) \
		common/libcommon.a $(INIH_LIBS) $(LIBS)
	cd bundle && $(SHELL) $(abs_top_srcdir)/etc/bundle/bundle.sh $(abs_top_srcdir) \
		$(PACKAGE)-bundle-$(VERSION)-`uname -m` stoa.cgi ../fetch/stoa-fetch$(EXEEXT)
