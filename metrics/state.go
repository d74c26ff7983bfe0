package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// State is read when the metrics are scraped.
type State struct {
	Channels []ChannelState
	Paused   map[string]int // by origin: paused places
}

// ChannelState is how a configured channel is doing.
type ChannelState struct {
	Name        string
	Loaded      bool
	Loop        int64         // at the live edge; 0 if it is not loaded
	Unconfirmed time.Duration // since its VOD was last confirmed at the origin; 0 if it is not loaded
	Items       *ItemState    // nil: it plays one VOD, or is not loaded
	Break       *float64      // seconds until the next break, 0 while one is on air; nil: none comes within a day
}

// ItemState is how a channel is doing that plays lists of VODs.
type ItemState struct {
	Number      int           // of the item on air in its era, from 0
	Next        time.Duration // until the next one
	Unavailable int           // items of the next era that could not be loaded
	Missing     int           // eras of the next 24 hours with items that could not be loaded
	StandIns    StandIns
	Left        *float64 // seconds until the last era of its schedule object starts, at least 0; nil: it has no object
}

// StandIns are how many items of a channel something else is played for.
type StandIns struct{ Slate, Gaps int }

// Follow sets the function that returns the state. It is called at each
// scrape, by several goroutines at once.
func (m *Metrics) Follow(state func() State) { m.state.source.Store(&state) }

// Watched counts the seconds watched below a mount.
func (m *Metrics) Watched(mount string) prometheus.Counter { return m.watched.WithLabelValues(mount) }

// SegmentFailures counts the segments of a channel that the origin failed.
func (m *Metrics) SegmentFailures(channel string) prometheus.Counter {
	return m.segmentFailures.WithLabelValues(channel)
}

// ErasSkipped counts the eras of a channel that were left out.
func (m *Metrics) ErasSkipped(channel string) prometheus.Counter {
	return m.erasSkipped.WithLabelValues(channel)
}

// stateCollector exposes the state as it is.
type stateCollector struct {
	source atomic.Pointer[func() State]

	loaded, loop, unconfirmed, paused, item, next, unavailable, missing, standIns, nextBreak, left *prometheus.Desc
}

func newStateCollector() *stateCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
	}
	return &stateCollector{
		loaded:      desc("channel_loaded", "1 while a channel is loaded.", "channel"),
		loop:        desc("channel_loop_number", "Loops of a channel since its epoch, at the live edge.", "channel"),
		unconfirmed: desc("channel_unconfirmed_seconds", "Time since the origin last confirmed the VOD of a channel.", "channel"),
		item:        desc("channel_item_number", "Number of the item on air within its era, from 0, of a channel with several items.", "channel"),
		next:        desc("channel_next_item_seconds", "Time until the next item of a channel starts.", "channel"),
		unavailable: desc("channel_items_unavailable", "Items of the next era of a channel that could not be loaded.", "channel"),
		missing:     desc("channel_eras_missing", "Eras of a channel within the next 24 hours with items that could not be loaded; 0 without a guide.", "channel"),
		standIns:    desc("channel_stand_ins", "Items of a channel that the slate or gaps stand in for. Withdrawn items count only with gaps.", "channel", "by"),
		nextBreak:   desc("channel_next_break_seconds", "Time until the next break of a channel; 0 during a break.", "channel"),
		left:        desc("channel_schedule_left_seconds", "Time until the last era of the schedule object of a channel starts; 0 from then on.", "channel"),
		paused:      desc("origin_places_paused", "Addresses of an origin that are paused because they fail.", "origin"),
	}
}

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.loaded, c.loop, c.unconfirmed, c.paused, c.item, c.next, c.unavailable, c.missing, c.standIns, c.nextBreak, c.left} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(to chan<- prometheus.Metric) {
	source := c.source.Load()
	if source == nil {
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	state := (*source)()
	for _, channel := range state.Channels {
		if !channel.Loaded {
			gauge(c.loaded, 0, channel.Name)
			continue
		}
		gauge(c.loaded, 1, channel.Name)
		gauge(c.loop, float64(channel.Loop), channel.Name)
		if channel.Break != nil {
			gauge(c.nextBreak, *channel.Break, channel.Name)
		}
		if i := channel.Items; i != nil {
			gauge(c.item, float64(i.Number), channel.Name)
			gauge(c.next, i.Next.Seconds(), channel.Name)
			gauge(c.unavailable, float64(i.Unavailable), channel.Name)
			gauge(c.missing, float64(i.Missing), channel.Name)
			gauge(c.standIns, float64(i.StandIns.Slate), channel.Name, "slate")
			gauge(c.standIns, float64(i.StandIns.Gaps), channel.Name, "gaps")
			if i.Left != nil {
				gauge(c.left, *i.Left, channel.Name)
			}
			continue // its VODs are confirmed one by one
		}
		gauge(c.unconfirmed, channel.Unconfirmed.Seconds(), channel.Name)
	}
	for name, places := range state.Paused {
		gauge(c.paused, float64(places), name)
	}
}
