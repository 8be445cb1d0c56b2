import type { KubeObject, PolicyRule } from '@flotilla/model'

export type { PolicyRule } from '@flotilla/model'

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

export function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  labels: Readonly<Record<string, string>>,
): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name, labels: { ...labels } }, rules: [...rules] }
}

/** A Role of one namespace, and who has it. */
export function namespacedRole(at: {
  readonly namespace: string
  readonly name: string
  readonly rules: readonly PolicyRule[]
  readonly groups: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}): { readonly role: KubeObject; readonly binding: KubeObject } {
  const metadata = { name: at.name, namespace: at.namespace, labels: { ...at.labels } }
  return {
    role: { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: [...at.rules] },
    binding: {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: at.name },
      subjects: at.groups.map(subject),
    },
  }
}

const subject = (name: string) => ({ apiGroup: rbac, kind: 'Group', name })
