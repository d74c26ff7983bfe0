// Strict reads manifests of Kubernetes on standard input and refuses what its API does not know: a field that is
// misspelt or stands in the wrong place, which a cluster would take without a word. It needs no cluster.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	if err := check(yaml.NewYAMLReader(bufio.NewReader(os.Stdin))); err != nil {
		fmt.Fprintln(os.Stderr, "strict:", err)
		os.Exit(1)
	}
}

func check(documents *yaml.YAMLReader) error {
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !strings.Contains(string(document), "kind:") {
			continue
		}
		_, kind, err := decoder.Decode(document, nil, nil)
		if kind != nil && runtime.IsNotRegisteredError(err) {
			fmt.Println(kind.Kind, "is of no API that is known here: not checked")
			continue
		}
		if err != nil {
			return fmt.Errorf("%w in\n%s", err, document)
		}
		fmt.Println(kind.Kind, "is right")
	}
}
