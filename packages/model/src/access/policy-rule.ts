/** A rule as Kubernetes' RBAC has it (rbac.authorization.k8s.io/v1 PolicyRule), over objects. */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[] | undefined
}
