import { type PolicyRule } from './bindings.ts'

const rbac = 'rbac.authorization.k8s.io'
const read = ['get', 'list', 'watch']
const write = ['create', 'update', 'patch', 'delete', 'deletecollection']

/** Everything of the core group that a chart brings; not the namespace itself, nor the limits that were set on it. */
const deliverableCore = [
  'configmaps',
  'endpoints',
  'events',
  'persistentvolumeclaims',
  'persistentvolumeclaims/status',
  'pods',
  'pods/attach',
  'pods/ephemeralcontainers',
  'pods/eviction',
  'pods/exec',
  'pods/log',
  'pods/portforward',
  'pods/proxy',
  'pods/resize',
  'pods/status',
  'podtemplates',
  'replicationcontrollers',
  'replicationcontrollers/scale',
  'replicationcontrollers/status',
  'secrets',
  'services',
  'services/proxy',
  'services/status',
]

export const readableCore = [
  ...deliverableCore,
  'limitranges',
  'namespaces',
  'nodes',
  'persistentvolumes',
  'resourcequotas',
  'serviceaccounts',
].filter((resource) => resource !== 'secrets' && !/attach|exec|portforward|proxy|ephemeral|eviction/.test(resource))

/**
 * Groups that Roles of charts name whether the cluster serves them or not: of add-ons that may be missing, and former
 * ones. The API server refuses a Role that names a group of which its writer has no rights. Until they are served these
 * rights are over nothing; from then on the project would have them anyway, as it has every served group.
 */
const oftenNamed = [
  'acme.cert-manager.io',
  'argoproj.io',
  'autoscaling.k8s.io',
  'cert-manager.io',
  'cilium.io',
  'crd.projectcalico.org',
  'custom.metrics.k8s.io',
  'extensions',
  'external-secrets.io',
  'external.metrics.k8s.io',
  'externaldns.k8s.io',
  'gateway.networking.k8s.io',
  'helm.toolkit.fluxcd.io',
  'keda.sh',
  'kustomize.toolkit.fluxcd.io',
  'metrics.k8s.io',
  'monitoring.coreos.com',
  'networking.istio.io',
  'policy.networking.k8s.io',
  'projectcontour.io',
  'resource.k8s.io',
  'route.openshift.io',
  'security.istio.io',
  'serving.knative.dev',
  'snapshot.storage.k8s.io',
  'source.toolkit.fluxcd.io',
  'traefik.containo.us',
  'traefik.io',
]

/** Kubernetes' own roles, which the people of a project have in its namespaces anyway. */
const bindable = ['admin', 'edit', 'view']

/**
 * What a project's delivery group may do in its namespaces: everything that a chart brings there, and nothing by which
 * a chart could give itself more. Without `escalate`, a Role holds at most what stands here; without `bind`, so does a
 * RoleBinding. The namespace's labels and its limits are the platform's: they are only read.
 */
export function deliveryRules(apiGroups: readonly string[]): PolicyRule[] {
  // named one by one, since `*` would bring the core group back in
  const groups = [...new Set([...apiGroups, ...oftenNamed])].filter((group) => group !== rbac).sort()
  return [
    { apiGroups: [''], resources: deliverableCore, verbs: ['*'] },
    // each verb by its name, since `*` has `impersonate` in it
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: [...read, ...write] },
    { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
    { apiGroups: [''], resources: readOnlyCore, verbs: read },
    { apiGroups: groups, resources: ['*'], verbs: ['*'] },
    { apiGroups: [rbac], resources: ['roles', 'rolebindings'], verbs: [...read, ...write] },
    { apiGroups: [rbac], resources: ['clusterroles'], resourceNames: bindable, verbs: ['bind'] },
  ]
}

const readOnlyCore = [
  'bindings',
  'limitranges',
  'namespaces',
  'namespaces/status',
  'resourcequotas',
  'resourcequotas/status',
]
