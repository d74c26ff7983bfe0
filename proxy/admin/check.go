package admin

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/preflight"
	"vod2live/proxy/problem"
)

// The limits of a check, which sends requests to the origin.
const (
	maxChecks    = 2
	checkTimeout = time.Minute
)

func (a *api) check(r *http.Request) (*preflight.Report, error) {
	found, off, err := a.find(r.URL.Query().Get("address"))
	if err != nil {
		return nil, err
	}
	select {
	case a.checks <- struct{}{}:
		defer func() { <-a.checks }()
	default:
		return nil, &refusal{http.StatusServiceUnavailable, "other checks are under way; try again"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	share := a.Station().Room().Open()
	defer share.Close()
	found.Client = found.Client.Within(share)
	checker := preflight.Checker{VOD: found, Now: a.Station().Now, Log: a.Station().FailureLog().Zap}
	report := checker.Check(ctx)
	if off != nil {
		addMisfit(report, off)
	}
	return report, nil
}

// find finds the VOD to check for an address: of a channel of lists the item that keeps it
// off air. off is nil for other addresses.
func (a *api) find(address string) (found *onair.Found, off *onair.OffAir, err error) {
	found, err = a.Station().Find(address)
	if err != nil || found.Channel == "" {
		return found, nil, err
	}
	why := "plays several VODs"
	for _, one := range a.Station().OffAir() {
		if one.Channel.Name != found.Channel || one.Err == nil {
			continue
		}
		var fails bool
		if found.Address, fails = one.Fails(); fails {
			found.Viewers = "" // the channel's
			return found, &one, nil
		}
		_, code, cause := failure.Explain(one.Err)
		why = "is off air, and no single VOD fails: " + code + ": " + cause
	}
	return nil, nil, &refusal{http.StatusBadRequest, "channel " + found.Channel + " " + why + "; run " + checkCommand(found.Channel)}
}

func checkCommand(channel string) string { return "vod2live check -config FILE -channel " + channel }

// addMisfit adds why a channel could not play an item, where the report on the item by
// itself does not have it.
func addMisfit(report *preflight.Report, off *onair.OffAir) {
	_, code, cause := failure.Explain(off.Err)
	if slices.ContainsFunc(report.Problems, func(p problem.Problem) bool { return p.Code == code }) {
		return
	}
	name := off.Channel.Name
	p := problem.New(problem.Error, code, "channel "+name+" could not play it: "+cause)
	p = p.Advise(strings.TrimSpace(p.Advice + " `" + checkCommand(name) + "` shows how each item fits the channel."))
	report.Problems = slices.Insert(report.Problems, 0, p)
}
