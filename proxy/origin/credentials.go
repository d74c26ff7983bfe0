package origin

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
)

// DefaultCredentials are those of the AWS default chain: environment, shared
// files, web identity, container, instance metadata. Nothing is looked for
// before they are first requested. region is where roles are assumed, if the
// environment and the files name none.
//
// They are cached until shortly before they expire. Such as don't expire are
// read again each minute, and at once when they are refused, so that a file may
// be replaced under a running process.
func DefaultCredentials(region string) *aws.CredentialsCache {
	return aws.NewCredentialsCache(chain{region})
}

// chain goes through the whole chain each time: the SDK never reads a shared
// file a second time.
type chain struct{ region string }

const (
	rereadAfter  = time.Minute      // of credentials that don't expire
	renewEarlier = time.Minute      // than they expire
	retryAfter   = 15 * time.Second // of a renewal that failed
)

// Retrieve implements aws.CredentialsProvider.
func (c chain) Retrieve(ctx context.Context) (aws.Credentials, error) {
	settings, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion(c.region), config.WithLogger(logging.Nop{}))
	if err != nil {
		return aws.Credentials{}, err
	}
	found, err := settings.Credentials.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	switch {
	case !found.CanExpire:
		found.CanExpire, found.Expires = true, time.Now().Add(rereadAfter)
	case time.Until(found.Expires) > 2*renewEarlier:
		found.Expires = found.Expires.Add(-renewEarlier)
	}
	return found, nil
}

// HandleFailToRefresh keeps the old credentials for a while, in case a file is
// just being written or a service does not answer. If they have really expired,
// S3 says so, and then they are dropped.
func (c chain) HandleFailToRefresh(_ context.Context, old aws.Credentials, err error) (aws.Credentials, error) {
	if !old.HasKeys() {
		return aws.Credentials{}, err
	}
	old.CanExpire, old.Expires = true, time.Now().Add(retryAfter)
	return old, nil
}
