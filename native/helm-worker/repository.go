package main

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v4/pkg/repo/v1"
	"sigs.k8s.io/yaml"
)

type findChartParams struct {
	Index   []byte `json:"index"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

type findChartResult struct {
	Version string   `json:"version"`
	URLs    []string `json:"urls"`
	Digest  string   `json:"digest"`
}

// findChart picks a chart from a repository's index.yaml by Helm's own rules for versions and ranges.
func findChart(_ *call, p findChartParams) (any, error) {
	index := &repo.IndexFile{}
	var err error
	if json.Valid(p.Index) {
		err = json.Unmarshal(p.Index, index)
	} else {
		err = yaml.Unmarshal(p.Index, index)
	}
	if err != nil {
		return nil, failf("source.refused", "index.yaml cannot be read: %s", summary(err.Error()))
	}
	for name, versions := range index.Entries {
		index.Entries[name] = slices.DeleteFunc(versions, func(v *repo.ChartVersion) bool {
			return v == nil || v.Metadata == nil
		})
	}
	index.SortEntries()
	found, err := index.Get(p.Name, p.Version)
	switch {
	case errors.Is(err, repo.ErrNoChartName), errors.Is(err, repo.ErrNoChartVersion):
		return nil, failf("source.not_found", "the repository has no chart %s in a version that fits %q", p.Name, p.Version)
	case err != nil:
		return nil, failf("source.not_found", "the repository has no chart %s in a version that fits %q: %s", p.Name, p.Version, err)
	case len(found.URLs) == 0:
		return nil, failf("source.not_found", "the repository names no address for chart %s %s", p.Name, found.Version)
	}
	return findChartResult{Version: found.Version, URLs: found.URLs, Digest: found.Digest}, nil
}

type pickVersionParams struct {
	Versions []string `json:"versions"`
	Range    string   `json:"range"`
}

// pickVersion gives the newest version within a range, or an empty text.
func pickVersion(_ *call, p pickVersionParams) (any, error) {
	wanted, err := semver.NewConstraint(p.Range)
	if err != nil {
		return nil, &failure{Code: "input.invalid", Message: "not a version or a range of versions: " + p.Range, Field: "version"}
	}
	var best *semver.Version
	picked := ""
	for _, text := range p.Versions {
		version, err := semver.NewVersion(text)
		if err != nil || !wanted.Check(version) {
			continue
		}
		if best == nil || version.GreaterThan(best) {
			best, picked = version, text
		}
	}
	return map[string]string{"version": picked}, nil
}
