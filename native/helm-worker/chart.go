package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/action"
	ci "helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/ignore"
)

// chartBytes is a packaged chart (.tgz), base64 in JSON.
type chartBytes []byte

// load parses the chart anew: rendering changes it, so no two renders share one.
func (b chartBytes) load() (*chart.Chart, error) {
	loaded, err := loader.LoadArchive(bytes.NewReader(b))
	if err != nil {
		return nil, &failure{Code: "render.failed", Message: "the chart cannot be loaded: " + err.Error(), Field: "chart"}
	}
	if loaded.Metadata.Type != "" && loaded.Metadata.Type != "application" {
		return nil, &failure{
			Code:    "render.failed",
			Message: loaded.Metadata.Type + " charts are not installable",
			Remedy:  "use a chart of type application that depends on this one",
			Field:   "chart",
		}
	}
	return loaded, nil
}

// loadInstallable refuses what the command line refuses before it renders.
func (b chartBytes) loadInstallable() (*chart.Chart, error) {
	loaded, err := b.load()
	if err != nil {
		return nil, err
	}
	needs := make([]ci.Dependency, len(loaded.Metadata.Dependencies))
	for i, dependency := range loaded.Metadata.Dependencies {
		needs[i] = dependency
	}
	if err := action.CheckDependencies(loaded, needs); err != nil {
		return nil, &failure{
			Code:    "render.failed",
			Message: "the chart " + loaded.Name() + " lacks dependencies: " + err.Error(),
			Remedy:  "run `helm dependency build` so that charts/ holds them, or take the chart from an OCI registry or a Helm repository, where it comes with them",
			Field:   "chart",
		}
	}
	if err := refuseRemoteSchemas(loaded); err != nil {
		return nil, err
	}
	return loaded, nil
}

// refuseRemoteSchemas names a schema that would have to be fetched: a render must depend on its input only.
func refuseRemoteSchemas(c *chart.Chart) error {
	if len(c.Schema) > 0 {
		var schema any
		if json.Unmarshal(c.Schema, &schema) == nil {
			if reference := findRemoteReference(schema); reference != "" {
				return &failure{
					Code:    "render.schema",
					Message: fmt.Sprintf("values.schema.json of %s refers to %s, which is outside the chart", c.Name(), reference),
					Remedy:  "copy that schema into the chart's $defs",
					Field:   "chart",
				}
			}
		}
	}
	for _, dependency := range c.Dependencies() {
		if err := refuseRemoteSchemas(dependency); err != nil {
			return err
		}
	}
	return nil
}

func findRemoteReference(node any) string {
	switch value := node.(type) {
	case map[string]any:
		if reference, ok := value["$ref"].(string); ok && strings.Contains(reference, "://") &&
			!strings.Contains(reference, "://json-schema.org/") {
			return reference
		}
		for _, child := range value {
			if found := findRemoteReference(child); found != "" {
				return found
			}
		}
	case []any:
		for _, child := range value {
			if found := findRemoteReference(child); found != "" {
				return found
			}
		}
	}
	return ""
}

// parseValues reads values as Helm reads a values file, so that numbers have Helm's types.
func parseValues(text json.RawMessage) (map[string]any, error) {
	if len(text) == 0 || string(text) == "null" {
		return map[string]any{}, nil
	}
	values, err := common.ReadValues(text)
	if err != nil {
		return nil, &failure{Code: "input.invalid", Message: "the values are not a map", Field: "values"}
	}
	return values, nil
}

type showChartParams struct {
	Chart chartBytes `json:"chart"`
}

type showChartResult struct {
	Metadata     *chart.Metadata `json:"metadata"`
	Defaults     map[string]any  `json:"defaults"`
	DefaultsText string          `json:"defaultsText"`
	Schema       json.RawMessage `json:"schema,omitempty"`
}

func showChart(_ *call, p showChartParams) (any, error) {
	loaded, err := loader.LoadArchive(bytes.NewReader(p.Chart))
	if err != nil {
		return nil, &failure{Code: "render.failed", Message: "the chart cannot be loaded: " + err.Error(), Field: "chart"}
	}
	result := showChartResult{Metadata: loaded.Metadata, Defaults: loaded.Values}
	for _, file := range loaded.Raw {
		if file.Name == chartutil.ValuesfileName {
			result.DefaultsText = string(file.Data)
		}
	}
	if json.Valid(loaded.Schema) {
		result.Schema = loaded.Schema
	}
	return result, nil
}

type chartValuesParams struct {
	Chart  chartBytes      `json:"chart"`
	Values json.RawMessage `json:"values"`
}

// chartValues gives the values as the templates see them, with every default filled in.
func chartValues(_ *call, p chartValuesParams) (any, error) {
	loaded, err := p.Chart.load()
	if err != nil {
		return nil, err
	}
	values, err := parseValues(p.Values)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(loaded, values); err != nil {
		return nil, err
	}
	all, err := commonutil.CoalesceValues(loaded, values)
	if err != nil {
		return nil, err
	}
	return all.AsMap(), nil
}

type keepFilesParams struct {
	Paths  []string `json:"paths"`
	Ignore []byte   `json:"ignore"`
}

// keepFiles says which files of a chart's folder Helm would load, by its .helmignore and Helm's defaults.
func keepFiles(_ *call, p keepFilesParams) (any, error) {
	rules, err := ignore.Parse(bytes.NewReader(p.Ignore))
	if err != nil {
		return nil, &failure{Code: "render.failed", Message: ".helmignore: " + err.Error(), Field: "chart"}
	}
	rules.AddDefaults()
	kept := []string{}
	for _, name := range p.Paths {
		if !ignored(rules, name) {
			kept = append(kept, name)
		}
	}
	return map[string]any{"paths": kept}, nil
}

// ignored also skips a file whose folder is ignored, as walking the folder would.
func ignored(rules *ignore.Rules, name string) bool {
	parts := strings.Split(name, "/")
	for i := 1; i < len(parts); i++ {
		folder := strings.Join(parts[:i], "/")
		if rules.Ignore(folder, entry{name: path.Base(folder), mode: fs.ModeDir}) {
			return true
		}
	}
	return rules.Ignore(name, entry{name: path.Base(name)})
}

// entry is a file that exists only by name.
type entry struct {
	name string
	mode fs.FileMode
}

func (e entry) Name() string       { return e.name }
func (e entry) Size() int64        { return 0 }
func (e entry) Mode() fs.FileMode  { return e.mode }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) IsDir() bool        { return e.mode.IsDir() }
func (e entry) Sys() any           { return nil }
