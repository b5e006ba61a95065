/* fcgi/listen.h: where the connections come from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FCGI_LISTEN_H
#define FCGI_LISTEN_H

struct err;

/* The listening socket: a new UNIX socket at `path` if that is given, else the
 * first one that systemd passed (LISTEN_FDS, LISTEN_PID), else descriptor 0,
 * which spawn-fcgi and web servers use. A socket left at `path` by a dead
 * process is replaced; one that answers is an error. Returns the descriptor,
 * or -1. */
int listen_socket(const char *path, struct err *err);

#endif
