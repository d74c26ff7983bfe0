package deploy

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// There is no Docker here. What can be seen without it: the file is what Compose takes for YAML, each image has a
// version, and what is mounted or built from exists.
func TestCompose_NamesWhatExists(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Image   string
			Volumes []string
			Build   struct{ Dockerfile string }
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	if len(compose.Services) < 7 {
		t.Errorf("%d services", len(compose.Services))
	}
	for name, s := range compose.Services {
		if s.Image != "vod2live" && !regexp.MustCompile(`:v?[0-9]+\.[0-9]+`).MatchString(s.Image) {
			t.Errorf("%s: the image %q has no version", name, s.Image)
		}
		if file := s.Build.Dockerfile; file != "" {
			read(t, "../"+file)
		}
		for _, volume := range s.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			_, named := compose.Volumes[from]
			if _, err := os.Stat(from); err != nil && !named && !strings.HasPrefix(from, "$") {
				t.Errorf("%s mounts %s, which does not exist", name, from)
			}
		}
	}
	for _, target := range regexp.MustCompile(`"([a-z0-9-]+):9180"`).FindAllStringSubmatch(read(t, "prometheus/prometheus.yml"), -1) {
		if _, is := compose.Services[target[1]]; !is {
			t.Errorf("Prometheus scrapes %s, which is no service", target[1])
		}
	}
}
