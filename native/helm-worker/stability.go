package main

import (
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	release "helm.sh/helm/v4/pkg/release/v1"
)

// maxUnstable bounds how many differing objects are named; one is enough to act on.
const maxUnstable = 20

// maxPaths bounds how many fields of one object are named.
const maxPaths = 100

// releaseSet is a rendered release as objects.
type releaseSet struct {
	items    []renderItem
	findings []finding
}

func parseRelease(rendered *release.Release, loaded *chart.Chart) (releaseSet, error) {
	var set releaseSet
	collect := func(stream []byte, itemType, origin string, hook int) error {
		objects, findings, err := parseObjects(stream, origin, "render.failed", false, itemType == "hook")
		if err != nil {
			return err
		}
		for _, o := range objects {
			set.items = append(set.items, renderItem{Type: itemType, Origin: o.Origin, Object: o.Content, Hook: hook})
		}
		set.findings = append(set.findings, findings...)
		return nil
	}
	for _, crd := range loaded.CRDObjects() {
		if err := collect(crd.File.Data, "crd", crd.Filename, 0); err != nil {
			return set, err
		}
	}
	if err := collect([]byte(rendered.Manifest), "object", loaded.Name(), 0); err != nil {
		return set, err
	}
	for i, hook := range rendered.Hooks {
		if err := collect([]byte(hook.Manifest), "hook", hook.Path, i); err != nil {
			return set, err
		}
	}
	return set, nil
}

// findUnstable renders again with a later clock and names what came out differently.
func findUnstable(p renderParams, l *lookups, first releaseSet) ([]finding, error) {
	rendered, loaded, err := renderOnce(p, laterFunctions(l))
	if err != nil {
		return nil, explainRenderError(err)
	}
	second, err := parseRelease(rendered, loaded)
	if err != nil {
		return nil, err
	}
	return compareSets(first, second), nil
}

func compareSets(first, second releaseSet) []finding {
	again := map[string]renderItem{}
	for key, item := range keyed(second.items) {
		again[key] = item
	}
	var findings []finding
	report := func(item renderItem, paths []string, message string) {
		if len(findings) < maxUnstable {
			findings = append(findings, finding{Code: "render.unstable", Message: message, Object: describe(item.Object), Path: paths[0], Paths: paths})
		}
	}
	for key, item := range keyed(first.items) {
		other, ok := again[key]
		if !ok {
			report(item, []string{"metadata.name"}, fmt.Sprintf("%s renders %s under another name each time", item.Origin, describe(item.Object)))
			continue
		}
		if paths := appendDifferences(nil, item.Object, other.Object, ""); len(paths) > 0 {
			report(item, paths, fmt.Sprintf("%s renders %s of %s differently each time", item.Origin, paths[0], describe(item.Object)))
		}
	}
	return findings
}

// keyed names each object so that it is found again; one that is rendered twice counts as two.
func keyed(items []renderItem) iter.Seq2[string, renderItem] {
	return func(yield func(string, renderItem) bool) {
		seen := map[string]int{}
		for _, item := range items {
			name := item.Type + "|" + fmt.Sprint(item.Object["apiVersion"]) + "|" + describe(item.Object)
			seen[name]++
			if !yield(fmt.Sprintf("%s|%d", name, seen[name]), item) {
				return
			}
		}
	}
}

// appendDifferences adds the path of each field, in sorted order, in which two documents differ.
func appendDifferences(paths []string, a, b any, path string) []string {
	if len(paths) >= maxPaths || reflect.DeepEqual(a, b) {
		return paths
	}
	switch left := a.(type) {
	case map[string]any:
		right, ok := b.(map[string]any)
		if !ok {
			return append(paths, path)
		}
		keys := slices.Collect(maps.Keys(left))
		for name := range right {
			if _, known := left[name]; !known {
				keys = append(keys, name)
			}
		}
		slices.Sort(keys)
		for _, name := range keys {
			paths = appendDifferences(paths, left[name], right[name], join(path, name))
		}
		return paths
	case []any:
		right, ok := b.([]any)
		if !ok || len(left) != len(right) {
			return append(paths, path)
		}
		for i := range left {
			paths = appendDifferences(paths, left[i], right[i], fmt.Sprintf("%s[%d]", path, i))
		}
		return paths
	}
	return append(paths, path)
}

// join writes keys that hold dots in brackets: `metadata.annotations["a.b/c"]`.
func join(path, name string) string {
	if strings.ContainsAny(name, "./[]\"") {
		return fmt.Sprintf("%s[%q]", path, name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
