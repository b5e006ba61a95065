pkglibexec_PROGRAMS += fcgi/stoa.fcgi
fcgi_stoa_fcgi_SOURCES = fcgi/listen.c fcgi/listen.h fcgi/main.c fcgi/pool.c fcgi/pool.h
fcgi_stoa_fcgi_LDADD = common/libcommon.a $(FCGI_LIBS) $(INIH_LIBS)
