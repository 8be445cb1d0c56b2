package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	rcommon "helm.sh/helm/v4/pkg/release/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
)

type hookRun struct {
	StartedAt   *time.Time `json:"startedAt,omitempty"`
	CompletedAt *time.Time `json:"completedAt,omitempty"`
	Phase       string     `json:"phase"`
}

type hookRecord struct {
	Name              string   `json:"name"`
	Kind              string   `json:"kind"`
	Path              string   `json:"path"`
	Manifest          string   `json:"manifest"`
	Events            []string `json:"events"`
	Weight            int      `json:"weight"`
	DeletePolicies    []string `json:"deletePolicies"`
	OutputLogPolicies []string `json:"outputLogPolicies"`
	LastRun           *hookRun `json:"lastRun,omitempty"`
}

func recordHooks(hooks []*release.Hook) []hookRecord {
	records := make([]hookRecord, 0, len(hooks))
	for _, h := range hooks {
		record := hookRecord{
			Name: h.Name, Kind: h.Kind, Path: h.Path, Manifest: h.Manifest, Weight: h.Weight,
			Events: texts(h.Events), DeletePolicies: texts(h.DeletePolicies), OutputLogPolicies: texts(h.OutputLogPolicies),
		}
		if h.LastRun.Phase != "" || !h.LastRun.StartedAt.IsZero() {
			record.LastRun = &hookRun{Phase: string(h.LastRun.Phase)}
			if !h.LastRun.StartedAt.IsZero() {
				record.LastRun.StartedAt = &h.LastRun.StartedAt
			}
			if !h.LastRun.CompletedAt.IsZero() {
				record.LastRun.CompletedAt = &h.LastRun.CompletedAt
			}
		}
		records = append(records, record)
	}
	return records
}

func (r hookRecord) hook() *release.Hook {
	h := &release.Hook{
		Name: r.Name, Kind: r.Kind, Path: r.Path, Manifest: r.Manifest, Weight: r.Weight,
		Events:            typedTexts[release.HookEvent](r.Events),
		DeletePolicies:    typedTexts[release.HookDeletePolicy](r.DeletePolicies),
		OutputLogPolicies: typedTexts[release.HookOutputLogPolicy](r.OutputLogPolicies),
	}
	if r.LastRun != nil {
		h.LastRun = r.LastRun.execution()
	}
	return h
}

func (r hookRun) execution() release.HookExecution {
	execution := release.HookExecution{Phase: release.HookPhase(r.Phase)}
	if r.StartedAt != nil {
		execution.StartedAt = *r.StartedAt
	}
	if r.CompletedAt != nil {
		execution.CompletedAt = *r.CompletedAt
	}
	return execution
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, value := range values {
		out[i] = string(value)
	}
	return out
}

func typedTexts[T ~string](values []string) []T {
	out := make([]T, len(values))
	for i, value := range values {
		out[i] = T(value)
	}
	return out
}

type encodeReleaseParams struct {
	Name          string            `json:"name"`
	Namespace     string            `json:"namespace"`
	Version       int               `json:"version"`
	Status        string            `json:"status"`
	FirstDeployed time.Time         `json:"firstDeployed"`
	LastDeployed  time.Time         `json:"lastDeployed"`
	Description   string            `json:"description"`
	Labels        map[string]string `json:"labels"`
	// Chart is empty for what was not rendered from a chart; the record then holds one of that name only.
	Chart    chartBytes      `json:"chart"`
	Identity chartIdentity   `json:"identity"`
	Values   json.RawMessage `json:"values"`
	Manifest string          `json:"manifest"`
	Notes    string          `json:"notes"`
	Hooks    []hookRecord    `json:"hooks"`
}

func encodeRelease(_ *call, p encodeReleaseParams) (any, error) {
	values, err := parseValues(p.Values)
	if err != nil {
		return nil, err
	}
	recorded := &chart.Chart{Metadata: &chart.Metadata{
		APIVersion: chart.APIVersionV2, Name: p.Identity.Name, Version: p.Identity.Version, AppVersion: p.Identity.AppVersion,
	}}
	if len(p.Chart) > 0 {
		if recorded, err = p.Chart.load(); err != nil {
			return nil, err
		}
		// Helm records the chart after this step, without the subcharts that are switched off.
		if err := chartutil.ProcessDependencies(recorded, values); err != nil {
			return nil, err
		}
	}
	if driver.ContainsSystemLabels(p.Labels) {
		return nil, &failure{Code: "input.invalid", Message: "labels of a release may not use Helm's own names", Field: "labels"}
	}
	hooks := make([]*release.Hook, 0, len(p.Hooks))
	for _, record := range p.Hooks {
		hooks = append(hooks, record.hook())
	}
	r := &release.Release{
		Name: p.Name, Namespace: p.Namespace, Version: p.Version, Chart: recorded, Config: values,
		Manifest: p.Manifest, Hooks: hooks, Labels: p.Labels,
		ApplyMethod: string(release.ApplyMethodServerSideApply),
		Info: &release.Info{
			FirstDeployed: p.FirstDeployed, LastDeployed: p.LastDeployed, Status: rcommon.Status(p.Status),
			Description: p.Description, Notes: p.Notes,
		},
	}
	captured := &secretStore{}
	if err := driver.NewSecrets(captured).Create(recordKey(r), r); err != nil {
		return nil, err
	}
	return captured.secretOf(p.Namespace), nil
}

func recordKey(r *release.Release) string {
	return "sh.helm.release.v1." + r.Name + ".v" + strconv.Itoa(r.Version)
}

type releaseSecret struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Data      []byte            `json:"data"`
}

func (s releaseSecret) decode() (*release.Release, error) {
	store := &secretStore{held: &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name, Namespace: s.Namespace, Labels: s.Labels},
		Data:       map[string][]byte{"release": s.Data},
	}}
	found, err := driver.NewSecrets(store).Get(s.Name)
	if err != nil {
		return nil, failf("input.invalid", "the Secret %s holds no Helm release: %s", s.Name, err)
	}
	r, ok := found.(*release.Release)
	if !ok || r.Info == nil || r.Chart == nil || r.Chart.Metadata == nil {
		return nil, failf("input.invalid", "the Secret %s holds no complete Helm release", s.Name)
	}
	return r, nil
}

type decodeReleaseParams struct {
	Secret releaseSecret `json:"secret"`
}

func decodeRelease(_ *call, p decodeReleaseParams) (any, error) {
	r, err := p.Secret.decode()
	if err != nil {
		return nil, err
	}
	values := r.Config
	if values == nil {
		values = map[string]any{}
	}
	labels := r.Labels
	if labels == nil {
		labels = map[string]string{}
	}
	return map[string]any{
		"name": r.Name, "namespace": r.Namespace, "version": r.Version, "status": r.Info.Status,
		"firstDeployed": stamp(r.Info.FirstDeployed), "lastDeployed": stamp(r.Info.LastDeployed), "deleted": stamp(r.Info.Deleted),
		"description": r.Info.Description, "applyMethod": r.ApplyMethod, "labels": labels,
		"chart":    chartIdentity{r.Chart.Metadata.Name, r.Chart.Metadata.Version, r.Chart.Metadata.AppVersion},
		"manifest": r.Manifest, "notes": r.Info.Notes, "values": values, "hooks": recordHooks(r.Hooks),
	}, nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

type reviseReleaseParams struct {
	Secret      releaseSecret      `json:"secret"`
	Status      string             `json:"status"`
	Description *string            `json:"description"`
	Deleted     *time.Time         `json:"deleted"`
	HookRuns    map[string]hookRun `json:"hookRuns"`
}

// reviseRelease rewrites a record the way Helm's storage updates one.
func reviseRelease(_ *call, p reviseReleaseParams) (any, error) {
	r, err := p.Secret.decode()
	if err != nil {
		return nil, err
	}
	if p.Status != "" {
		r.Info.Status = rcommon.Status(p.Status)
	}
	if p.Description != nil {
		r.Info.Description = *p.Description
	}
	if p.Deleted != nil {
		r.Info.Deleted = *p.Deleted
	}
	for _, hook := range r.Hooks {
		if run, ok := p.HookRuns[hook.Name]; ok {
			hook.LastRun = run.execution()
		}
	}
	captured := &secretStore{}
	if err := driver.NewSecrets(captured).Update(p.Secret.Name, r); err != nil {
		return nil, err
	}
	return captured.secretOf(p.Secret.Namespace), nil
}

// secretStore stands where Helm's storage expects the API server: it keeps the one Secret that is written.
type secretStore struct {
	typed.SecretInterface
	held *corev1.Secret
}

func (s *secretStore) Create(_ context.Context, secret *corev1.Secret, _ metav1.CreateOptions) (*corev1.Secret, error) {
	s.held = secret
	return secret, nil
}

func (s *secretStore) Update(_ context.Context, secret *corev1.Secret, _ metav1.UpdateOptions) (*corev1.Secret, error) {
	s.held = secret
	return secret, nil
}

func (s *secretStore) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Secret, error) {
	if s.held == nil || s.held.Name != name {
		return nil, errors.New("not held")
	}
	return s.held, nil
}

func (s *secretStore) secretOf(namespace string) map[string]any {
	labels := map[string]any{}
	for key, value := range s.held.Labels {
		labels[key] = value
	}
	return map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": string(s.held.Type),
		"metadata": map[string]any{"name": s.held.Name, "namespace": namespace, "labels": labels},
		"data":     map[string]any{"release": s.held.Data["release"]},
	}
}
