import { group, type KubeObject, labels } from '@flotilla/model'

/** Whom the rules of custom roles are written as: the only name of Flotilla's own that changes what is labelled as its own. */
export const rulesUser = 'flotilla:roles'

/**
 * Whoever may do everything in the cluster, and does not come through Flotilla: its own account, and the cluster's own
 * administrators, who could take the policies away anyway. Asked over the whole cluster, where no Role of a namespace counts.
 */
const controls = `!request.userInfo.username.startsWith('flotilla:') && authorizer.group('${group}').resource('tenancy').check('control').allowed()`
/** Controllers of Kubernetes' own: what goes with its namespace or its owner is deleted by them. */
const isKubernetes = `request.userInfo.?groups.orValue([]).exists(g, g == 'system:serviceaccounts:kube-system')`

const namesOurs = (object: string): string =>
  `${object}.?subjects.orValue([]).exists(s, s.kind in ['User', 'Group'] && s.name.startsWith('flotilla:'))`

const rbac = 'rbac.authorization.k8s.io'
const api = 'admissionregistration.k8s.io/v1'

interface MemberPolicy {
  readonly name: string
  readonly rules: readonly { readonly group: string; readonly resources: readonly string[] }[]
  readonly operations: readonly string[]
  readonly expression: string
  readonly message: string
}

const policies: readonly MemberPolicy[] = [
  {
    name: `tenancy-bindings.${group}`,
    rules: [{ group: rbac, resources: ['rolebindings', 'clusterrolebindings'] }],
    operations: ['CREATE', 'UPDATE'],
    expression: `!${namesOurs('object')} || (request.operation == 'UPDATE' && object.?subjects == oldObject.?subjects) || (${controls})`,
    message:
      'Rights of people in the groups and users flotilla:* are given by Flotilla only: give a role with a Membership (flotilla member add), which an administrator of the project, its workspace or the platform can do',
  },
  {
    name: `tenancy-objects.${group}`,
    rules: [
      { group: rbac, resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'] },
      { group: '', resources: ['resourcequotas', 'limitranges'] },
    ],
    operations: ['UPDATE', 'DELETE'],
    expression: `!(oldObject.metadata.?labels['${labels.managed}'].orValue('') in ['platform', 'project', 'role']) || oldObject.metadata.?labels['${labels.owner}'].orValue('') == '' || request.userInfo.username == '${rulesUser}' || ${isKubernetes} || (${controls})`,
    message:
      'Flotilla keeps this object: change the Project, its quota, or its roles in Flotilla. An administrator of the cluster itself may change it, and Flotilla puts it back',
  },
]

/** What refuses, in a member, to change who has which rights behind Flotilla's back. */
export function memberPolicies(ours: Readonly<Record<string, string>>): KubeObject[] {
  return policies.flatMap(({ name, rules, operations, expression, message }) => [
    {
      apiVersion: api,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name, labels: { ...ours } },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: rules.map((rule) => ({
            apiGroups: [rule.group],
            apiVersions: ['v1'],
            resources: [...rule.resources],
            operations: [...operations],
          })),
        },
        validations: [{ expression, message, reason: 'Forbidden' }],
      },
    },
    {
      apiVersion: api,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name, labels: { ...ours } },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ])
}

/** What of a cluster's `lacks` says that it has none of these. */
export const withoutPolicies =
  'ValidatingAdmissionPolicy (Kubernetes 1.30): bindings changed behind Flotilla are put back, not refused'
