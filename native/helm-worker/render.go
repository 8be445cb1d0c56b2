package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	kubefake "helm.sh/helm/v4/pkg/kube/fake"
	rcommon "helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage"
	"helm.sh/helm/v4/pkg/storage/driver"
)

type renderParams struct {
	Chart     chartBytes      `json:"chart"`
	Name      string          `json:"name"`
	Namespace string          `json:"namespace"`
	Upgrade   bool            `json:"upgrade"`
	Revision  int             `json:"revision"`
	Values    json.RawMessage `json:"values"`
	// KubeVersion and APIVersions are the target's; Extend adds to Helm's built-in list instead of replacing it.
	KubeVersion string   `json:"kubeVersion"`
	APIVersions []string `json:"apiVersions"`
	Extend      bool     `json:"extend"`
	// Lookup asks the owner; without it `lookup` finds nothing.
	Lookup bool `json:"lookup"`
	// Verify renders a second time, later in time, and compares.
	Verify    bool `json:"verify"`
	MaxOutput int  `json:"maxOutput"`
}

type chartIdentity struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	AppVersion string `json:"appVersion"`
}

type renderItem struct {
	Type   string         `json:"type"` // object, crd or hook
	Origin string         `json:"origin"`
	Object map[string]any `json:"object"`
	// Hook is the index into the result's hooks.
	Hook int `json:"hook"`
}

// textItem is a piece of a long text: no line of the protocol is much longer than the largest object.
type textItem struct {
	Type string `json:"type"` // manifest or notes
	Text string `json:"text"`
}

type renderResult struct {
	Hooks    []hookRecord  `json:"hooks"`
	Chart    chartIdentity `json:"chart"`
	Lookups  []lookupQuery `json:"lookups"`
	Findings []finding     `json:"findings"`
}

func renderChart(c *call, p renderParams) (any, error) {
	lookups := &lookups{call: c, ask: p.Lookup, known: map[lookupQuery]map[string]any{}}
	rendered, loaded, err := renderOnce(p, template.FuncMap{"lookup": lookups.find})
	if err != nil {
		return nil, explainRenderError(err)
	}
	size := len(rendered.Manifest) + len(rendered.Info.Notes)
	for _, hook := range rendered.Hooks {
		size += len(hook.Manifest)
	}
	crds := loaded.CRDObjects()
	for _, crd := range crds {
		size += len(crd.File.Data)
	}
	if size > p.MaxOutput {
		return nil, failf("render.limit", "the chart renders to %d bytes; the limit is %d", size, p.MaxOutput)
	}
	result := renderResult{
		Hooks:    recordHooks(rendered.Hooks),
		Chart:    chartIdentity{loaded.Name(), loaded.Metadata.Version, loaded.Metadata.AppVersion},
		Lookups:  lookups.order,
		Findings: []finding{},
	}
	set, err := parseRelease(rendered, loaded)
	if err != nil {
		return nil, err
	}
	result.Findings = append(result.Findings, set.findings...)
	if loaded.Metadata.Deprecated {
		result.Findings = append(result.Findings, finding{Code: "chart.deprecated", Message: "the chart " + loaded.Name() + " is marked as deprecated by its authors"})
	}
	if lookups.skipped > 0 {
		result.Findings = append(result.Findings, finding{
			Code:    "render.lookup_skipped",
			Message: fmt.Sprintf("the chart looked up %d objects of the cluster and was told that none exists", lookups.skipped),
		})
	}
	if p.Verify {
		unstable, err := findUnstable(p, lookups, set)
		if err != nil {
			return nil, err
		}
		result.Findings = append(result.Findings, unstable...)
	}
	for _, item := range set.items {
		if err := c.item(item); err != nil {
			return nil, err
		}
	}
	if err := sendText(c, "manifest", rendered.Manifest); err != nil {
		return nil, err
	}
	return result, sendText(c, "notes", rendered.Info.Notes)
}

const textPiece = 256 << 10

func sendText(c *call, itemType, text string) error {
	for len(text) > 0 {
		cut := min(textPiece, len(text))
		for cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut--
		}
		if err := c.item(textItem{itemType, text[:cut]}); err != nil {
			return err
		}
		text = text[cut:]
	}
	return nil
}

// renderOnce runs Helm's own install or upgrade up to the point where it would speak to a cluster.
func renderOnce(p renderParams, functions template.FuncMap) (*release.Release, *chart.Chart, error) {
	loaded, err := p.Chart.loadInstallable()
	if err != nil {
		return nil, nil, err
	}
	values, err := parseValues(p.Values)
	if err != nil {
		return nil, nil, err
	}
	kubeVersion, err := common.ParseKubeVersion(p.KubeVersion)
	if err != nil {
		return nil, nil, &failure{Code: "input.invalid", Message: fmt.Sprintf("%q is no Kubernetes version", p.KubeVersion), Field: "capabilities.kubeVersion"}
	}
	capabilities := &common.Capabilities{KubeVersion: *kubeVersion, HelmVersion: defaultCapabilities.HelmVersion}
	if p.Extend {
		capabilities.APIVersions = append(capabilities.APIVersions, common.DefaultVersionSet...)
	}
	capabilities.APIVersions = append(capabilities.APIVersions, p.APIVersions...)

	configuration := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	configuration.CustomTemplateFuncs = functions
	configuration.KubeClient = &kubefake.PrintingKubeClient{Out: io.Discard}
	memory := driver.NewMemory()
	memory.SetNamespace(p.Namespace)
	configuration.Releases = storage.Init(memory)

	if p.Upgrade && p.Revision > 1 {
		rendered, err := renderUpgrade(p, configuration, capabilities, loaded, values)
		return rendered, loaded, err
	}
	// A dry-run install takes the capabilities from this variable; one request is served at a time.
	common.DefaultCapabilities = capabilities
	install := action.NewInstall(configuration)
	install.DryRunStrategy = action.DryRunClient
	install.Replace = true
	install.ReleaseName = p.Name
	install.Namespace = p.Namespace
	install.KubeVersion = kubeVersion
	install.IsUpgrade = p.Upgrade
	made, err := install.Run(loaded, values)
	if err != nil {
		return nil, nil, err
	}
	return made.(*release.Release), loaded, nil
}

var defaultCapabilities = func() *common.Capabilities {
	c := common.DefaultCapabilities.Copy()
	if version := moduleVersion("helm.sh/helm/v4"); version != "" {
		c.HelmVersion.Version = version
	}
	return c
}()

// renderUpgrade gives Helm a past to upgrade from: an empty release of the revision before.
func renderUpgrade(p renderParams, configuration *action.Configuration, capabilities *common.Capabilities, loaded *chart.Chart, values map[string]any) (*release.Release, error) {
	configuration.Capabilities = capabilities
	past := &release.Release{
		Name:        p.Name,
		Namespace:   p.Namespace,
		Version:     p.Revision - 1,
		Chart:       loaded,
		Info:        &release.Info{Status: rcommon.StatusDeployed},
		ApplyMethod: string(release.ApplyMethodServerSideApply),
	}
	if err := configuration.Releases.Create(past); err != nil {
		return nil, err
	}
	upgrade := action.NewUpgrade(configuration)
	upgrade.DryRunStrategy = action.DryRunClient
	upgrade.Namespace = p.Namespace
	upgrade.ResetValues = true
	made, err := upgrade.Run(p.Name, loaded, values)
	if err != nil {
		return nil, err
	}
	return made.(*release.Release), nil
}

// lookups answers a template's `lookup`, each question once.
type lookups struct {
	call    *call
	ask     bool
	known   map[lookupQuery]map[string]any
	order   []lookupQuery
	skipped int
}

func (l *lookups) find(apiVersion, kind, namespace, name string) (map[string]any, error) {
	if !l.ask {
		l.skipped++
		return map[string]any{}, nil
	}
	query := lookupQuery{apiVersion, kind, namespace, name}
	if object, ok := l.known[query]; ok {
		return object, nil
	}
	object, err := l.call.ask(query)
	if err != nil {
		return nil, err
	}
	if object == nil {
		object = map[string]any{}
	}
	l.known[query] = object
	l.order = append(l.order, query)
	return object, nil
}

const schemaPrefix = "values don't meet the specifications of the schema(s)"

func explainRenderError(err error) error {
	f := asFailure(err)
	if strings.HasPrefix(f.Message, schemaPrefix) {
		return &failure{Code: "render.schema", Message: strings.TrimSpace(f.Message), Field: "values", Remedy: "change the values so that they fit the chart's schema"}
	}
	return f
}

// laterFunctions make a chart that depends on the time differ from its first rendering.
func laterFunctions(l *lookups) template.FuncMap {
	later := func() time.Time { return time.Now().Add(401*24*time.Hour + 61*time.Minute + 61*time.Second) }
	return template.FuncMap{
		"lookup": l.find,
		"now":    later,
		"ago": func(date any) string {
			if then, ok := date.(time.Time); ok {
				return later().Sub(then).Round(time.Second).String()
			}
			return later().String()
		},
	}
}
