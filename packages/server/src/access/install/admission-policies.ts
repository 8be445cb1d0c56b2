import { annotations, group, type KubeObject, labels, personManagers, systemNamespace, version } from '@flotilla/model'

interface Validation {
  readonly expression: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: 'Forbidden' | 'Invalid'
}

interface Policy {
  readonly name: string
  readonly resources: readonly string[]
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[]
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly Validation[]
}

/** Whether the writer holds a verb of Flotilla's own there. */
const holds = (verb: string, resource: string): string =>
  `authorizer.group('${group}').resource('${resource}').namespace(request.namespace).check('${verb}').allowed()`

const labelled = (label: string, value?: string): string => {
  const there = `has(namespaceObject.metadata.labels) && '${label}' in namespaceObject.metadata.labels`
  return value === undefined ? there : `${there} && namespaceObject.metadata.labels['${label}'] == '${value}'`
}

const policies: readonly Policy[] = [
  {
    name: 'deliveries',
    resources: ['deliveries'],
    operations: ['CREATE', 'UPDATE'],
    variables: [{ name: 'unchanged', expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec" }],
    validations: [
      {
        expression: `variables.unchanged || ${holds('control', 'deliveries')}`,
        message: 'Deliveries are written by Flotilla only; change the Application',
        reason: 'Forbidden',
      },
    ],
  },
  {
    // so that the history may say who, by the annotation that stands beside what they wrote through Flotilla
    name: 'application-author',
    resources: ['applications'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      { name: 'author', expression: `object.metadata.?annotations['${annotations.changedBy}'].orValue('')` },
      {
        name: 'before',
        expression: `request.operation == 'UPDATE' ? oldObject.metadata.?annotations['${annotations.changedBy}'].orValue('') : ''`,
      },
      { name: 'edited', expression: "request.operation == 'CREATE' || object.spec != oldObject.spec" },
      { name: 'manager', expression: "has(request.options.fieldManager) ? request.options.fieldManager : ''" },
      { name: 'own', expression: 'variables.author == request.userInfo.username' },
    ],
    validations: [
      {
        expression: "variables.author == variables.before || variables.author == '' || variables.own",
        message: `The annotation ${annotations.changedBy} names who writes, nobody else; leave it out`,
        reason: 'Forbidden',
      },
      {
        expression: `!variables.edited || !variables.manager.startsWith('${personManagers}') || variables.own`,
        message: `Field managers that begin with ${personManagers} are kept for what people do through Flotilla; use another`,
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'project-scope',
    resources: ['projects'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      { name: 'wide', expression: "object.spec.?scope.orValue('Namespaced') == 'Cluster'" },
      { name: 'privileged', expression: "object.spec.?podSecurity.orValue('baseline') == 'privileged'" },
      { name: 'unchanged', expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec" },
    ],
    validations: [
      {
        expression: `!variables.wide || variables.unchanged || ${holds('clusterscope', 'projects')}`,
        message: 'spec.scope Cluster is for platform administrators only',
        reason: 'Forbidden',
      },
      {
        expression: `!variables.privileged || variables.unchanged || ${holds('clusterscope', 'projects')}`,
        message: 'spec.podSecurity privileged is for platform administrators only',
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'memberships',
    resources: ['memberships'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      { name: 'platform', expression: `request.namespace == '${systemNamespace}'` },
      { name: 'unchanged', expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec" },
    ],
    validations: [
      {
        expression: `variables.unchanged || ${holds('grant', 'memberships')}`,
        message: 'A role is granted by who holds the right to grant it, in that workspace only',
        reason: 'Forbidden',
      },
      {
        expression: `variables.platform || (${labelled(labels.managed, 'workspace')})`,
        message: `Memberships are in ${systemNamespace} or in the namespace of a workspace (ws-<workspace>)`,
      },
      {
        expression:
          "variables.platform ? object.spec.role in ['admin', 'viewer'] : object.spec.role in ['admin', 'developer', 'viewer']",
        message: `spec.role: admin or viewer in ${systemNamespace}; admin, developer or viewer in a workspace`,
      },
    ],
  },
  {
    name: 'projects-place',
    resources: ['projects'],
    operations: ['CREATE'],
    validations: [
      {
        expression: labelled(labels.managed, 'workspace'),
        message: 'Projects are in the namespace of a workspace (ws-<workspace>); make the Workspace first',
      },
    ],
  },
  {
    name: 'project-content-place',
    resources: ['applications', 'credentials', 'deliveries'],
    operations: ['CREATE'],
    validations: [
      {
        expression: `(${labelled(labels.managed, 'project')}) && request.namespace.startsWith('pj-')`,
        message: 'It belongs in the host namespace of a project (pj-<project>); make the Project first',
      },
    ],
  },
]

/** Rules that need to know the writer or the namespace, for the host's own admission: they hold for plain kubectl too. */
export function admissionPolicies(): KubeObject[] {
  return policies.flatMap((policy) => [policyObject(policy), bindingObject(policy)])
}

const api = 'admissionregistration.k8s.io/v1'
const nameOf = ({ name }: Policy): string => `${name}.${group}`
const ours = { [labels.managed]: 'platform-roles' }

function policyObject(policy: Policy): KubeObject {
  return {
    apiVersion: api,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: nameOf(policy), labels: ours },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [group], apiVersions: [version], resources: policy.resources, operations: policy.operations },
        ],
      },
      ...(policy.variables === undefined ? {} : { variables: policy.variables }),
      validations: policy.validations,
    },
  }
}

function bindingObject(policy: Policy): KubeObject {
  return {
    apiVersion: api,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: nameOf(policy), labels: ours },
    spec: { policyName: nameOf(policy), validationActions: ['Deny'] },
  }
}
