pkglibexec_PROGRAMS += fcgi/stoa.fcgi
fcgi_stoa_fcgi_SOURCES = fcgi/main.c
fcgi_stoa_fcgi_LDADD = common/libcommon.a $(FCGI_LIBS) $(INIH_LIBS)
