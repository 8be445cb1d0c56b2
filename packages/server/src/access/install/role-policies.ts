import { finalizer, grantsOfScope, reservedRoleNames, type RoleScope, systemNamespace } from '@flotilla/model'
import type { Policy } from './admission-policies.ts'
import { goesAnyway, holds, placed } from './policy-words.ts'

const listOf = (scope: RoleScope): string => JSON.stringify(grantsOfScope(scope))
const grants = 'object.spec.?grants.orValue([])'
const had = `oldObject.?status.?givenTo.orValue([])`

/**
 * A role is made of what the administrator of its place has there, and by nobody else: so whoever may give roles gives
 * none with more than they hold. What clusters hold of its rules each of them judges itself.
 */
export const rolePolicies: readonly Policy[] = [
  {
    name: 'custom-roles',
    resources: ['customroles'],
    operations: ['CREATE', 'UPDATE'],
    variables: [
      { name: 'platform', expression: `request.namespace == '${systemNamespace}'` },
      { name: 'workspace', expression: placed('workspace') },
      { name: 'project', expression: placed('project') },
      { name: 'unchanged', expression: "request.operation == 'UPDATE' && object.spec == oldObject.spec" },
      {
        name: 'offered',
        expression: `variables.platform ? ${listOf('platform')} : variables.project ? ${listOf('project')} : ${listOf('workspace')}`,
      },
      {
        name: 'held',
        expression: `request.operation == 'UPDATE' && '${finalizer}' in oldObject.metadata.?finalizers.orValue([])`,
      },
    ],
    validations: [
      {
        // whoever has it gets what is written into it: to change a role is to give one
        expression: `variables.unchanged || ${holds('grant', 'memberships')}`,
        message:
          'A role is made and changed by who may give roles there (verb grant on memberships): an administrator of the project, of its workspace or of the platform',
        reason: 'Forbidden',
      },
      {
        expression: `variables.platform || variables.workspace || variables.project`,
        message: `Custom roles are in ${systemNamespace}, or in the namespace of a workspace (ws-<workspace>) or project (pj-<project>)`,
      },
      {
        expression: `${grants}.all(g, g in variables.offered)`,
        messageExpression: `'spec.grants: ' + ${grants}.filter(g, !(g in variables.offered)).join(', ') + ' is more than an administrator has in ' + request.namespace + '; a role further up can hold it, which an administrator there makes'`,
        message: 'spec.grants holds what an administrator of this place does not have',
      },
      {
        expression: `!variables.held || '${finalizer}' in object.metadata.?finalizers.orValue([]) || ${holds('control', 'customroles')}`,
        message: `The finalizer ${finalizer} is taken off by Flotilla, when nothing of the role is left`,
        reason: 'Forbidden',
      },
    ],
  },
  {
    name: 'custom-roles-in-use',
    resources: ['customroles'],
    operations: ['DELETE'],
    validations: [
      {
        // a namespace that goes takes all along; whom it was given to a moment ago is found by the finalizer
        expression: `${had}.size() == 0 || ${goesAnyway}`,
        messageExpression: `'The role is given to ' + ${had}.join(', ') + '; take it from them first (their Memberships in ' + request.namespace + '), then delete it'`,
        message: 'The role is given to somebody; take it from them first',
      },
    ],
  },
]

/** Roles of a Membership that no custom role can be meant by. */
export const builtInNames = JSON.stringify(reservedRoleNames)
