// origin serves a folder tree of modules over HTTP/2 and TLS, each answer after a
// pause, as an upstream that is far away would.
//
//	origin FOLDER PAUSE RUN
//
// In the folder RUN it makes ca.pem, its certificate, and port, written last, when
// it listens on 127.0.0.1. It ends with its standard input.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// certificate makes one for 127.0.0.1 that is its own authority.
func certificate() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	t := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: "origin"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, text, nil
}

func run(folder, run string, pause time.Duration) error {
	cert, text, err := certificate()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(run, "ca.pem"), text, 0o644); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	files := http.FileServer(http.Dir(folder))
	s := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(pause)
			files.ServeHTTP(w, r)
		}),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	port := fmt.Sprintf("%d\n", l.Addr().(*net.TCPAddr).Port)
	fresh := filepath.Join(run, "port.new")
	if err := os.WriteFile(fresh, []byte(port), 0o644); err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(run, "port")); err != nil {
		return err
	}
	return s.ServeTLS(l, "", "")
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: origin FOLDER PAUSE RUN")
	}
	pause, err := time.ParseDuration(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(run(os.Args[1], os.Args[3], pause))
}
