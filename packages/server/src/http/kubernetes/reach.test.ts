import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cluster, CustomRole, Project, Workspace } from '@flotilla/model'
import type { GrantedRole, Person } from '../../access/people.ts'
import { memoryState } from '../testing/memory-state.ts'
import { computeReach } from './reach.ts'

const apiVersion = 'flotilla.dev/v1alpha1'
const state = memoryState()
for (const name of ['east', 'west', 'going'])
  state.clusters.put(
    Cluster.parse({
      apiVersion,
      kind: 'Cluster',
      metadata: { name, ...(name === 'going' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
      spec: { connection: { type: 'direct', server: 'https://x:6443', secretName: 'x' } },
    }),
  )
for (const name of ['retail', 'ads'])
  state.workspaces.put(
    Workspace.parse({ apiVersion, kind: 'Workspace', metadata: { name, uid: `uid-${name}` }, spec: {} }),
  )
const targets = (...all: [string, string, string][]) => ({
  targets: all.map(([cluster, namespace, of]) => ({ cluster, namespace, state: of })),
})
const project = (name: string, workspace: string, status: object) =>
  state.projects.put(
    Project.parse({
      apiVersion,
      kind: 'Project',
      metadata: { name, namespace: `ws-${workspace}`, uid: `uid-${name}` },
      spec: { targets: [] },
      status,
    }),
  )
project('shop', 'retail', targets(['east', 'shop', 'Ready'], ['west', 'shop', 'Refused'], ['east', 'two', 'Unknown']))
project('banner', 'ads', targets(['west', 'banner', 'Ready'], ['going', 'banner', 'Ready']))

const person = (...roles: GrantedRole[]): Person => ({
  name: 'p',
  uid: 'u',
  displayName: undefined,
  email: undefined,
  roles,
  provider: undefined,
  isService: false,
  identity: { user: 'flotilla:user:u', groups: ['everything that is theirs'] },
})
const retail: GrantedRole = { scope: 'workspace', workspace: 'retail', role: 'developer' }
const ads: GrantedRole = { scope: 'workspace', workspace: 'ads', role: 'viewer' }

const cases: [string, Person, string, unknown][] = [
  [
    'that of one project of a department',
    person({ scope: 'project', workspace: 'ads', project: 'banner', role: 'operator' }),
    'west',
    { groups: ['flotilla:project:uid-banner:operator'], namespaces: ['banner'] },
  ],
  [
    'that of another project',
    person({ scope: 'project', workspace: 'ads', project: 'banner', role: 'operator' }),
    'east',
    undefined,
  ],
  ['nobody’s', person(), 'east', undefined],
  [
    'their project’s',
    person(retail),
    'east',
    { groups: ['flotilla:workspace:uid-retail:developer'], namespaces: ['shop', 'two'] },
  ],
  ['one where the project was refused', person(retail), 'west', undefined],
  ['another department’s', person(ads), 'east', undefined],
  [
    'that of one of two departments',
    person(retail, ads),
    'west',
    { groups: ['flotilla:workspace:uid-ads:viewer'], namespaces: ['banner'] },
  ],
  ['one that leaves', person(ads), 'going', undefined],
  ['one that is not there', person({ scope: 'platform', role: 'admin' }), 'nowhere', undefined],
  [
    'any, for the platform',
    person({ scope: 'platform', role: 'viewer' }),
    'west',
    { groups: ['flotilla:platform:viewer'], namespaces: [] },
  ],
  ['a workspace that is gone', person({ scope: 'workspace', workspace: 'gone', role: 'admin' }), 'east', undefined],
]
for (const [what, who, cluster, expected] of cases)
  test(`a cluster that is ${what} is reached with the groups that are bound there, or not at all`, () => {
    const reach = computeReach(who, cluster, state)
    const seen = reach && { groups: reach.identity.groups, namespaces: reach.namespaces }
    assert.deepEqual(seen, expected)
    if (reach !== undefined) assert.equal(reach.identity.user, 'flotilla:user:u')
  })

test('a custom role reaches a cluster when it holds rights in clusters', () => {
  const role = (name: string, grants: string[]) =>
    state.customRoles.put(
      CustomRole.parse({
        apiVersion,
        kind: 'CustomRole',
        metadata: { name, namespace: 'pj-shop', uid: `uid-${name}` },
        spec: { grants },
      }),
    )
  role('watcher', ['pods.see'])
  role('reader', ['applications.see'])
  const reach = (name: string) => {
    const given = { scope: 'project', workspace: 'retail', project: 'shop', role: name, custom: `uid-${name}` } as const
    return computeReach(person(given), 'east', state)?.identity.groups
  }
  assert.deepEqual(reach('watcher'), ['flotilla:project:uid-shop:role:uid-watcher'])
  assert.equal(reach('reader'), undefined)
})
