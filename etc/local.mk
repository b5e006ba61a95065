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
