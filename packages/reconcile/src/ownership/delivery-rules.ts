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

/** Groups that are no longer served, and that Roles of charts still name beside the one that took their place. */
const formerGroups = ['extensions']

/** Kubernetes' own roles, which the people of a project have in its namespaces anyway. */
const bindable = ['admin', 'edit', 'view']

/**
 * What a project's delivery group may do in its namespaces: everything that a chart brings there, and nothing by which
 * a chart could give itself more. Without `escalate`, a Role holds at most what stands here; without `bind`, so does a
 * RoleBinding. The namespace's labels and its limits are the platform's: they are only read.
 */
export function deliveryRules(apiGroups: readonly string[]): PolicyRule[] {
  // named one by one, since `*` would bring the core group back in
  const groups = [...new Set([...apiGroups, ...formerGroups])].filter((group) => group !== rbac).sort()
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
