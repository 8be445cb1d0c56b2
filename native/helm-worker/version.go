package main

import (
	"runtime/debug"

	"flotilla.dev/native/helm-worker/isolate"
	"helm.sh/helm/v4/pkg/chart/common"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

// protocolVersion goes into the owner's cache key: raise it when the same request may give other bytes.
const protocolVersion = "1"

type versionResult struct {
	Protocol     string        `json:"protocol"`
	Helm         string        `json:"helm"`
	Kustomize    string        `json:"kustomize"`
	Isolation    isolate.State `json:"isolation"`
	InstallOrder []string      `json:"installOrder"`
	APIVersions  []string      `json:"apiVersions"`
}

func showVersion(state isolate.State) versionResult {
	return versionResult{
		Protocol:     protocolVersion,
		Helm:         moduleVersion("helm.sh/helm/v4"),
		Kustomize:    moduleVersion("sigs.k8s.io/kustomize/api"),
		Isolation:    state,
		InstallOrder: releaseutil.InstallOrder,
		APIVersions:  common.DefaultVersionSet,
	}
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, module := range info.Deps {
		if module.Path == path {
			return module.Version
		}
	}
	return ""
}
