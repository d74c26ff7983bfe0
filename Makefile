SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 30s
ARGS ?=
E2E := cmd/vod2live/e2e
CONSOLE := proxy/admin/console
BENCH := cmd/vod2live/bench
NOTICES := cmd/vod2live/notices/made/notices.txt
LINT := go tool -modfile=deploy/tools/go.mod golangci-lint

.PHONY: help run build console image test test-players test-parts test-packages test-deploy check-deploy check fmt bench fuzz release

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Serve: make run ARGS='-origin https://example.com/vod'
	@exec bin/vod2live $(ARGS)

build: ## Build the static binary bin/vod2live, with the console if npm is here
	@{ command -v npm >/dev/null && $(MAKE) --no-print-directory console; } || echo 'Building without the console: its page needs Node 20 or later and npm.'
	@$(MAKE) --no-print-directory $(NOTICES)
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/vod2live ./cmd/vod2live

# What `vod2live licenses` prints.
$(NOTICES): go.mod cmd/vod2live/notices/collect/main.go $(wildcard $(CONSOLE)/package-lock.json $(CONSOLE)/dist/index.html)
	@mkdir -p bin
	go run ./cmd/vod2live/notices/collect >bin/notices.txt
	@mv bin/notices.txt $@

console: $(CONSOLE)/dist/index.html ## Build the operator's page, which the binary embeds

$(CONSOLE)/dist/index.html: $(CONSOLE)/node_modules/.package-lock.json $(wildcard $(addprefix $(CONSOLE)/,index.html *.json *.ts src/* public/*))
	npm --prefix $(CONSOLE) run build

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund

image: ## Build the container image vod2live
	docker build -f deploy/Dockerfile --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) -t vod2live .

release: build bin/nfpm bin/cyclonedx-gomod ## Make binaries, Debian packages, checksums and SBOMs in bin/release
	@VERSION=$(VERSION) deploy/release
	@VERSION=$(VERSION) deploy/check-release

bin/nfpm bin/cyclonedx-gomod: deploy/tools/release/go.mod
	cd deploy/tools/release && CGO_ENABLED=0 go build -ldflags '-s -w' -o $(CURDIR)/bin/ github.com/goreleaser/nfpm/v2/cmd/nfpm github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

# Of loop and playlist, which start nothing at the same time, one test is for the race detector.
test: ## Run every test, installing what they need on Debian
	@$(MAKE) --no-print-directory -j3 test-parts
	@$(MAKE) --no-print-directory test-deploy
	npm --prefix $(CONSOLE) test
	go test ./loop ./playlist
	CGO_ENABLED=1 go test -race -run AtOnce ./playlist
	CGO_ENABLED=1 go test -race -timeout 15m $$(go list ./... | grep -Ev '/($(E2E)|(loop|playlist)$$)')
	go test -count=1 -timeout 12m -v ./$(E2E)/...

test-players: test-parts ## Play every kind of VOD in every player, mpv, VLC and GStreamer too, and for long: half an hour
	@deploy/tools/apt-install mpv vlc-bin vlc-plugin-base gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav
	E2E_PLAYERS=all go test -count=1 -timeout 60m -v -run '^TestPlayer' ./$(E2E)/...

# Made at once: one compiles, two wait for npm's packages, one for Debian's.
test-parts: console $(E2E)/node_modules/.package-lock.json bin/versitygw test-packages

test-packages:
	@deploy/tools/apt-install ca-certificates chromium curl ffmpeg fonts-dejavu-core gcc iproute2 libc6-dev nginx openssl prometheus xmltv-util

# The S3 server that the tests sign for; about two minutes once, with its downloads.
bin/versitygw: deploy/tools/versitygw/go.mod
	cd deploy/tools/versitygw && CGO_ENABLED=0 go build -ldflags '-s -w' -o $(CURDIR)/$@ github.com/versity/versitygw/cmd/versitygw

test-deploy: build test-packages ## Check what deploy holds
	@deploy/check

check-deploy: test-deploy bin/helm bin/strict ## Check what deploy holds, with its chart: some minutes once, to build helm
	go test -count=1 ./deploy
	@deploy/check-chart

bin/helm bin/strict: deploy/tools/helm/go.mod deploy/tools/helm/strict/main.go
	cd deploy/tools/helm && CGO_ENABLED=0 go build -ldflags '-s -w' -o $(CURDIR)/bin/ helm.sh/helm/v3/cmd/helm ./strict

check: ## Check format, vet and lint
	$(LINT) run ./...

fmt: ## Format the code
	$(LINT) fmt ./...

bench: build ## Measure what requests, gigabytes and VODs cost: make bench ARGS='-only playlist'
	@deploy/tools/apt-install nginx wrk
	@deploy/tools/apt-install caddy || echo "Going on without Caddy."
	@deploy/tools/apt-install varnish || echo "Going on without varnish."
	go run ./$(BENCH) $(ARGS)

fuzz: ## Run every fuzz target for FUZZTIME (30s)
	@for package in $$(go list ./...); do \
		targets=$$(go test -list '^Fuzz' $$package | awk '/^Fuzz/'); \
		for target in $$targets; do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done
