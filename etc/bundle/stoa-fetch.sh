#!/bin/sh
# Runs stoa-fetch with the libraries that came with it, those of C included, so
# that nothing depends on the host's. It is started by its absolute path.
d=${0%/*}
# OpenSSL's settings and certificates are where the host's system has them.
export OPENSSL_CONF=/dev/null
if [ -z "$SSL_CERT_FILE" ]; then
	for f in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
		/etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
		[ -r "$f" ] && export SSL_CERT_FILE="$f" && break
	done
fi
exec "$d/lib/ld.so" --inhibit-cache --library-path "$d/lib" "$d/lib/stoa-fetch" "$@"
