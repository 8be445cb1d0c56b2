import { isRecord, type KubeObject } from '@flotilla/model'

/** What of a rule counts for objects (rbac.authorization.k8s.io/v1 PolicyRule); rules for plain addresses are left out. */
export interface Rule {
  readonly verbs: readonly string[]
  readonly groups: readonly string[]
  /** Plural, `plural/subresource`, `*`, or `*` before a subresource. */
  readonly resources: readonly string[]
  /** Empty: whatever its name. */
  readonly names: readonly string[]
}

export interface Asked {
  readonly verb: string
  readonly group: string
  /** Plural; `pods/log` for a subresource. */
  readonly resource: string
  readonly name?: string | undefined
}

/** Kubernetes' own rule for a rule (package rbac/v1 of its source: VerbMatches and its like). */
export function ruleAllows(rule: Rule, { verb, group, resource, name }: Asked): boolean {
  return (
    has(rule.verbs, verb) &&
    has(rule.groups, group) &&
    (has(rule.resources, resource) || rule.resources.includes(`*/${resource.split('/')[1] ?? '/'}`)) &&
    (rule.names.length === 0 || (name !== undefined && rule.names.includes(name)))
  )
}

const has = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted)

/** The rules of a Role or ClusterRole as the API server keeps them; those of an aggregated one were filled in there. */
export function rulesOf(role: KubeObject): readonly Rule[] {
  const rules: unknown = role['rules']
  if (!Array.isArray(rules)) return []
  return rules.filter(isRecord).flatMap((rule) => {
    const resources = texts(rule['resources'])
    if (resources.length === 0) return []
    return [
      { verbs: texts(rule['verbs']), groups: texts(rule['apiGroups']), resources, names: texts(rule['resourceNames']) },
    ]
  })
}

/** What a binding says: of which role, to whom. Subjects are `User/name` and `Group/name`. */
export interface Binding {
  /** Key of the role: `namespace/name`, or `/name` of a ClusterRole. */
  readonly role: string
  readonly subjects: readonly string[]
}

export function bindingOf(object: KubeObject): Binding {
  const roleRef = isRecord(object['roleRef']) ? object['roleRef'] : {}
  const name = text(roleRef['name'])
  const namespace = roleRef['kind'] === 'Role' ? (object.metadata.namespace ?? '') : ''
  const subjects: unknown = object['subjects']
  return {
    role: `${namespace}/${name}`,
    subjects: (Array.isArray(subjects) ? subjects : []).filter(isRecord).flatMap((subject) => {
      const of = text(subject['name'])
      switch (subject['kind']) {
        case 'User':
        case 'Group':
          return [`${subject['kind']}/${of}`]
        case 'ServiceAccount':
          return [`User/system:serviceaccount:${text(subject['namespace'] ?? object.metadata.namespace)}:${of}`]
        default:
          return []
      }
    }),
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
