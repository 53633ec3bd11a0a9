// Command kube-apiserver is the API server of Kubernetes as it is, built from its published modules.
//
// `go install k8s.io/kubernetes/cmd/kube-apiserver` refuses a go.mod that replaces its own parts;
// as a dependency those replacements do not count, so this module names the parts itself.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	os.Exit(cli.Run(app.NewAPIServerCommand()))
}
