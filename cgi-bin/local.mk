pkglibexec_PROGRAMS += cgi-bin/stoa.cgi
cgi_bin_stoa_cgi_SOURCES = cgi-bin/main.c
cgi_bin_stoa_cgi_LDADD = common/libcommon.a $(INIH_LIBS)
cgi_bin_stoa_cgi_LDFLAGS = $(AM_LDFLAGS) $(CGI_LDFLAGS)
