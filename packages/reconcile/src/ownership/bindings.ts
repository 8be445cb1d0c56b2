import type { KubeObject } from '@flotilla/model'

const rbac = 'rbac.authorization.k8s.io'

/** Binds a ClusterRole to groups inside one namespace. */
export function roleBinding(at: {
  readonly namespace: string
  readonly name: string
  readonly role: string
  readonly groups: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}): KubeObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: at.name, namespace: at.namespace, labels: { ...at.labels } },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: at.role },
    subjects: at.groups.map(subject),
  }
}

/** Binds a ClusterRole to groups in the whole cluster. */
export function clusterRoleBinding(at: {
  readonly name: string
  readonly role: string
  readonly groups: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}): KubeObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: at.name, labels: { ...at.labels } },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: at.role },
    subjects: at.groups.map(subject),
  }
}

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

export function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  labels: Readonly<Record<string, string>>,
): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name, labels: { ...labels } }, rules: [...rules] }
}

const subject = (name: string) => ({ apiGroup: rbac, kind: 'Group', name })
