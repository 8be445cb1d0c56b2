package main

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

type sourceFile struct {
	Path string `json:"path"`
	Data []byte `json:"data"`
}

type kustomizeParams struct {
	Files     []sourceFile `json:"files"`
	Path      string       `json:"path"`
	MaxOutput int          `json:"maxOutput"`
}

type objectsResult struct {
	Findings []finding `json:"findings"`
}

func buildKustomization(c *call, p kustomizeParams) (any, error) {
	files := filesys.MakeFsInMemory()
	for _, file := range p.Files {
		if err := files.WriteFile(path.Join("/src", file.Path), file.Data); err != nil {
			return nil, err
		}
	}
	if err := refuseOutside(p.Files); err != nil {
		return nil, err
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsRootOnly
	options.PluginConfig = types.DisabledPluginConfig()
	built, err := krusty.MakeKustomizer(options).Run(files, path.Join("/src", p.Path))
	if err != nil {
		return nil, failf("render.failed", "kustomize: %s", strings.ReplaceAll(err.Error(), "/src/", ""))
	}
	text, err := built.AsYaml()
	if err != nil {
		return nil, failf("render.failed", "kustomize: %s", err)
	}
	if len(text) > p.MaxOutput {
		return nil, failf("render.limit", "the kustomization builds to %d bytes; the limit is %d", len(text), p.MaxOutput)
	}
	objects, findings, err := parseObjects(text, path.Join(p.Path, "kustomization.yaml"), "render.failed", false, false)
	if err != nil {
		return nil, err
	}
	return sendObjects(c, objects, findings)
}

func sendObjects(c *call, objects []object, findings []finding) (any, error) {
	for _, o := range objects {
		if err := c.item(renderItem{Type: "object", Origin: o.Origin, Object: o.Content}); err != nil {
			return nil, err
		}
	}
	if findings == nil {
		findings = []finding{}
	}
	return objectsResult{Findings: findings}, nil
}

// refuseOutside names what in a kustomization would leave the given files or run a program.
func refuseOutside(files []sourceFile) error {
	known := map[string]bool{}
	for _, file := range files {
		clean := path.Clean(file.Path)
		known[clean] = true
		for folder := path.Dir(clean); folder != "."; folder = path.Dir(folder) {
			known[folder] = true
		}
	}
	for _, file := range files {
		if !slices.Contains(konfig.RecognizedKustomizationFileNames(), path.Base(file.Path)) {
			continue
		}
		var content map[string]any
		if err := yaml.Unmarshal(file.Data, &content); err != nil {
			return &failure{Code: "render.failed", Message: fmt.Sprintf("%s: %s", file.Path, summary(err.Error())), Field: file.Path}
		}
		if err := refuseInKustomization(file.Path, content, known); err != nil {
			return err
		}
	}
	return nil
}

var refusedFields = map[string]string{
	"helmCharts":                  "inflating charts",
	"helmChartInflationGenerator": "inflating charts",
	"helmGlobals":                 "inflating charts",
}

// pathFields hold paths (or inline YAML) that kustomize would also accept as remote addresses.
var pathFields = []string{"resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators"}

func refuseInKustomization(file string, content map[string]any, known map[string]bool) error {
	for field, what := range refusedFields {
		if _, ok := content[field]; ok {
			return refusal(file, field, "", what+" inside a kustomization is not supported", "deliver the chart as a component of its own")
		}
	}
	for _, field := range pathFields {
		entries, _ := content[field].([]any)
		for i, value := range entries {
			text, ok := value.(string)
			if !ok {
				continue
			}
			at := fmt.Sprintf("%s[%d]", field, i)
			if strings.Contains(text, "\n") {
				if err := refuseProgram(file, at, text); err != nil {
					return err
				}
				continue
			}
			if !known[path.Join(path.Dir(path.Clean(file)), text)] {
				return refusal(file, at, text, "is not among the files of this source; remote bases are not fetched", "copy the base into the repository")
			}
		}
	}
	return nil
}

// refuseProgram finds a plugin that would run a program or a container.
func refuseProgram(file, field, text string) error {
	var plugin map[string]any
	if yaml.Unmarshal([]byte(text), &plugin) != nil {
		return nil
	}
	metadata, _ := plugin["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	for name := range annotations {
		if strings.HasPrefix(name, "config.kubernetes.io/function") || strings.HasPrefix(name, "config.k8s.io/function") {
			return refusal(file, field, "", "runs a function; programs are not run", "use kustomize's built-in transformers")
		}
	}
	return nil
}

func refusal(file, field, value, message, remedy string) *failure {
	text := fmt.Sprintf("%s: %s %s", file, field, message)
	if value != "" {
		text = fmt.Sprintf("%s: %s: %q %s", file, field, value, message)
	}
	return &failure{Code: "source.refused", Message: text, Remedy: remedy, Field: file + ":" + field}
}

type manifestsParams struct {
	Files []sourceFile `json:"files"`
}

// readManifests parses plain YAML or JSON documents exactly as rendered ones.
func readManifests(c *call, p manifestsParams) (any, error) {
	var all []object
	var findings []finding
	for _, file := range p.Files {
		data := file.Data
		if strings.HasSuffix(file.Path, ".json") && !json.Valid(data) {
			return nil, &failure{Code: "input.yaml", Message: file.Path + " is not valid JSON", Field: file.Path}
		}
		objects, more, err := parseObjects(data, file.Path, "input.yaml", true, false)
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
		findings = append(findings, more...)
	}
	return sendObjects(c, all, findings)
}
