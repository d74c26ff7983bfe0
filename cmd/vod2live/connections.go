package main

import (
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
)

// gate is a listener that closes connections beyond a limit at once: a load
// balancer then tries another instance, and a player tries again. In a queue
// they would wait for connections that may never end.
type gate struct {
	net.Listener
	limit   int64
	open    atomic.Int64
	metrics *metrics.Metrics
	log     *zap.Logger
	told    time.Time // time of the last log line; only Accept uses it
}

// Accept is called by one goroutine.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil || g.open.Load() < g.limit {
			return conn, err
		}
		g.metrics.ConnectionsRefused.Inc()
		_ = conn.Close()
		if now := time.Now(); now.Sub(g.told) > time.Minute {
			g.told = now
			g.log.Warn("connections rejected: the limit (-connections) is reached", zap.Int64("limit", g.limit))
		}
	}
}

// count follows the connections as http.Server.ConnState. A new one is counted
// before the next is accepted.
func (g *gate) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		g.open.Add(1)
		g.metrics.Connections.Inc()
	case http.StateClosed, http.StateHijacked:
		g.open.Add(-1)
		g.metrics.Connections.Dec()
	}
}

// awaitEmpty waits until no connection is open.
func (g *gate) awaitEmpty(atMost time.Duration) {
	for end := time.Now().Add(atMost); g.open.Load() > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
}
