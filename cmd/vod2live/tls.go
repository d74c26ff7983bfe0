package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"vod2live/cmd/vod2live/config"
	"vod2live/metrics"
)

// pair is the certificate that viewers see, and the files that it and its key
// come from. What takes over is for new connections.
type pair struct {
	certFile, keyFile string
	inForce           atomic.Pointer[tls.Certificate]
	log               *zap.Logger
	metrics           *metrics.Metrics
}

// openPair reads the certificate and its key; nil without TLS.
func (v *service) openPair() (*pair, error) {
	o := v.options
	if o.tlsCert == "" {
		return nil, nil
	}
	p := &pair{certFile: o.tlsCert, keyFile: o.tlsKey, log: v.log, metrics: v.metrics}
	c, err := readPair(p.certFile, p.keyFile)
	if err != nil {
		return nil, err
	}
	p.use(c)
	return p, nil
}

// checkPair reports errors in the TLS files.
func (o *options) checkPair() error {
	if o.tlsCert == "" {
		return nil
	}
	_, err := readPair(o.tlsCert, o.tlsKey)
	return err
}

// reload takes the files over as they are now, or logs why not and leaves the
// certificate in force.
func (p *pair) reload() {
	c, err := readPair(p.certFile, p.keyFile)
	if err != nil {
		p.log.Error("certificate rejected; the previous one stays in force", zap.Error(err))
		return
	}
	p.use(c)
	p.log.Info("certificate reloaded", zap.Time("expires", c.Leaf.NotAfter))
}

func (p *pair) use(c *tls.Certificate) {
	p.inForce.Store(c)
	p.metrics.CertificateExpiry.WithLabelValues().Set(float64(c.Leaf.NotAfter.Unix()))
	if now := time.Now(); now.After(c.Leaf.NotAfter) {
		p.log.Warn("the certificate has expired, and players reject it: renew it", zap.String("file", p.certFile), zap.Time("expired", c.Leaf.NotAfter))
	} else if now.Before(c.Leaf.NotBefore) {
		p.log.Warn("the certificate is not valid yet, and players reject it: check the clock", zap.String("file", p.certFile), zap.Time("valid_from", c.Leaf.NotBefore))
	}
}

func (p *pair) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.inForce.Load(), nil },
	}
}

// readPair names the invalid file, and nothing of the content of the key.
func readPair(certFile, keyFile string) (*tls.Certificate, error) {
	cert, certErr := readPEM("-tls-cert", certFile)
	key, keyErr := readPEM("-tls-key", keyFile)
	if err := errors.Join(certErr, keyErr); err != nil {
		return nil, err
	}
	c, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert %s must hold a certificate and its chain, -tls-key %s its key without a passphrase, both as PEM: %w", certFile, keyFile, err)
	}
	return &c, nil
}

func readPEM(flag, path string) ([]byte, error) {
	text, err := config.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, path, err)
	}
	return text, nil
}
