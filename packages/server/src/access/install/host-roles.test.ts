import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  builtInGrants,
  builtInRoles,
  grantsOfScope,
  type PolicyRule,
  type RoleGrantId,
  roleRules,
  type RoleScope,
  roleScopes,
} from '@flotilla/model'
import { roles } from '@flotilla/reconcile'
import { ruleAllows, rulesOf } from '../rbac/rules.ts'
import { hostRoles } from './host-roles.ts'

const all = new Map(hostRoles().map((role) => [role.metadata.name, rulesOf(role)]))

/** What of the rules a ClusterRole of the host does not hold. */
function beyond(role: string, rules: readonly PolicyRule[]): string[] {
  const held = all.get(role) ?? []
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          held.some((one) => ruleAllows(one, { verb, group, resource })) ? [] : [`${verb} ${resource}.${group}`],
        ),
      ),
    ),
  )
}

/** ClusterRoles of a built-in role by the side on which they are bound. */
const rolesOn = (scope: RoleScope, role: string) => {
  const workspace: Readonly<Record<string, string>> = roles.workspace
  const project: Readonly<Record<string, string>> = roles.project
  switch (scope) {
    case 'platform':
      return { host: role === 'admin' ? roles.platformAdmin : roles.platformViewer }
    case 'workspace':
      return { workspace: workspace[role], project: project[role] }
    case 'project':
      return { project: project[role] }
    default:
      return scope satisfies never
  }
}

describe('what roles are made of', () => {
  const given = roleScopes.flatMap((scope) =>
    builtInRoles[scope].map((role) => {
      const grants: Readonly<Record<string, readonly RoleGrantId[]>> = builtInGrants[scope]
      return { scope, role, grants: grants[role] ?? [] }
    }),
  )
  for (const { scope, role, grants } of given)
    test(`${role} of a ${scope} has in the host what it is said to have`, () => {
      assert.ok(grants.every((grant) => grantsOfScope(scope).includes(grant)))
      for (const [side, name] of Object.entries(rolesOn(scope, role)) as ['host' | 'workspace' | 'project', string][])
        for (const grant of grants) {
          // Kubernetes' own role for viewers reads ConfigMaps in the clusters, Flotilla's none in the host
          if (grant === 'config.see' && role !== 'admin' && role !== 'developer') continue
          assert.deepEqual(beyond(name, roleRules(scope, { grants: [grant], rules: [] }, side)), [], grant)
        }
    })

  test('no custom role holds more in the host than the administrator of its scope, nor gives or makes roles', () => {
    for (const scope of roleScopes) {
      const grants = grantsOfScope(scope)
      for (const [side, name] of Object.entries(rolesOn(scope, 'admin')) as [
        'host' | 'workspace' | 'project',
        string,
      ][]) {
        const rules = roleRules(scope, { grants, rules: [] }, side)
        assert.ok(rules.length > 0)
        assert.deepEqual(beyond(name, rules), [], `${scope} ${side}`)
        const may = (verb: string, resource: string) =>
          rules.some((rule) => rule.resources.includes(resource) && rule.verbs.includes(verb))
        for (const verb of ['create', 'update', 'patch', 'delete', 'grant'])
          for (const resource of ['memberships', 'customroles', 'users', 'deliveries']) assert.ok(!may(verb, resource))
        assert.ok(!rules.some(({ verbs, resources }) => [...verbs, ...resources].includes('*')))
      }
    }
  })

  test('rules of an expert hold in the clusters only', () => {
    const rules = [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }]
    for (const side of ['host', 'workspace', 'project'] as const)
      assert.deepEqual(roleRules('workspace', { grants: [], rules }, side), [])
    assert.deepEqual(roleRules('workspace', { grants: [], rules }, 'targets'), rules)
  })
})
