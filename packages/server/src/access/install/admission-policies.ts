import {
  annotations,
  builtInRolesOf,
  fieldManager,
  group,
  type KubeObject,
  labels,
  personManagers,
  systemNamespace,
  version,
} from '@flotilla/model'
import { movePolicies } from './move-policies.ts'
import { goesAnyway, holds, placed, sameBut } from './policy-words.ts'
import { quotaPolicies } from './quota-policies.ts'
import { releasePolicies } from './release-policies.ts'
import { builtInNames, rolePolicies } from './role-policies.ts'

export interface Validation {
  readonly expression: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: 'Forbidden' | 'Invalid'
}

export interface Policy {
  readonly name: string
  readonly resources: readonly string[]
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[]
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly Validation[]
}

/** Roles of a Membership, as a list of CEL. */
const rolesIn = (namespace: string): string => JSON.stringify(builtInRolesOf(namespace))

/** Annotations that operating an Application sets. */
const operated = [annotations.syncRequest, annotations.changedBy]

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
      { name: 'edited', expression: `request.operation == 'CREATE' || !(${sameBut('spec', ['paused', 'hold'])})` },
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
      {
        // whoever reads who wrote it passes over what stands under this name
        expression: `!variables.edited || variables.manager != '${fieldManager}' || ${holds('control', 'deliveries')}`,
        message: `The field manager ${fieldManager} is kept for what Flotilla itself does; use another`,
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'application-operation',
    resources: ['applications'],
    operations: ['UPDATE'],
    variables: [
      { name: 'edits', expression: holds('edit', 'applications') },
      { name: 'sameSpec', expression: sameBut('spec', ['paused', 'hold']) },
      {
        name: 'lifts',
        expression: '!has(object.spec.hold) || (has(oldObject.spec.hold) && object.spec.hold == oldObject.spec.hold)',
      },
      { name: 'sameNotes', expression: sameBut('metadata.?annotations.orValue({})', operated) },
      {
        name: 'sameRest',
        expression: ['labels', 'finalizers', 'ownerReferences']
          .map((field) => `object.metadata.?${field} == oldObject.metadata.?${field}`)
          .join(' && '),
      },
    ],
    validations: [
      {
        expression:
          'variables.edits || (variables.sameSpec && variables.lifts && variables.sameNotes && variables.sameRest)',
        message: `An operator pauses (spec.paused), lifts a hold (spec.hold), asks for a sync (annotation ${annotations.syncRequest}) and reverts through Flotilla; whoever else is to change an Application needs the role developer or admin`,
        reason: 'Forbidden',
      },
    ],
  },
  {
    // else whoever edits would go round releases, plans and approvals, and write beside a rollout that runs
    name: 'application-governed',
    resources: ['applications'],
    operations: ['UPDATE'],
    variables: [
      {
        name: 'leaves',
        expression:
          "oldObject.spec.?mode.orValue('direct') == 'governed' && object.spec.?mode.orValue('direct') != 'governed'",
      },
    ],
    validations: [
      {
        expression: `!variables.leaves || ${holds('update', 'plans')}`,
        message:
          'A governed Application is delivered directly again (spec.mode) only by who may write Plans there: ask an administrator of the project, or make a Release of the change and start a Rollout',
        reason: 'Forbidden',
      },
    ],
  },
  {
    // else whoever edits would make it anew, to be delivered directly
    name: 'application-governed-removal',
    resources: ['applications'],
    operations: ['DELETE'],
    validations: [
      {
        expression: `oldObject.spec.?mode.orValue('direct') != 'governed' || ${holds('update', 'plans')} || ${goesAnyway}`,
        message:
          'A governed Application is deleted only by who may write Plans there: ask an administrator of the project',
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
      { name: 'workspace', expression: placed('workspace') },
      { name: 'project', expression: placed('project') },
      { name: 'unchanged', expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec" },
    ],
    validations: [
      {
        expression: `variables.unchanged || ${holds('grant', 'memberships')}`,
        message: 'A role is granted by who holds the right to grant it, in that workspace or project only',
        reason: 'Forbidden',
      },
      {
        expression: `variables.platform || variables.workspace || variables.project`,
        message: `Memberships are in ${systemNamespace}, or in the namespace of a workspace (ws-<workspace>) or project (pj-<project>)`,
      },
      {
        // any other name is that of a CustomRole, which gives nothing while there is none
        expression: `object.spec.role in (variables.platform ? ${rolesIn(systemNamespace)} : variables.project ? ${rolesIn('pj-')} : ${rolesIn('ws-')}) || !(object.spec.role in ${builtInNames})`,
        message: `spec.role: admin or viewer in ${systemNamespace}; admin, developer or viewer in a workspace; these and operator in a project; or a CustomRole of the same namespace`,
      },
    ],
  },
  ...rolePolicies,
  {
    name: 'projects-place',
    resources: ['projects'],
    operations: ['CREATE'],
    validations: [
      {
        expression: placed('workspace'),
        message: 'Projects are in the namespace of a workspace (ws-<workspace>); make the Workspace first',
      },
    ],
  },
  {
    name: 'project-content-place',
    resources: [
      'applications',
      'credentials',
      'deliveries',
      'componentversions',
      'releases',
      'plans',
      'rollouts',
      'approvals',
      'moves',
    ],
    operations: ['CREATE'],
    validations: [
      {
        expression: placed('project'),
        message: 'It belongs in the host namespace of a project (pj-<project>); make the Project first',
      },
    ],
  },
]

/** Rules that need to know the writer or the namespace, for the host's own admission: they hold for plain kubectl too. */
export function admissionPolicies(): KubeObject[] {
  return [...policies, ...quotaPolicies, ...releasePolicies, ...movePolicies].flatMap((policy) => [
    policyObject(policy),
    bindingObject(policy),
  ])
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
