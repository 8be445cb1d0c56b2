import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Project } from '@flotilla/model'
import { memoryState } from '../http/testing/memory-state.ts'
import { project, workspace } from '../http/testing/http-fixture.ts'
import { createPlaces } from './places.ts'

describe('whose a namespace of a cluster is', () => {
  const claims = (...states: readonly (readonly [string, string])[]) => {
    const state = memoryState()
    for (const [name, is] of states) {
      state.workspaces.put(workspace(`of-${name}`))
      const status = { namespace: `pj-${name}`, targets: [{ cluster: 'east', namespace: 'web', state: is }] }
      state.projects.put(Project.parse({ ...project(name, `of-${name}`), status }))
    }
    return createPlaces(state).ofMember('east', 'web').project
  }
  const cases: readonly (readonly [string, readonly (readonly [string, string])[], string | undefined])[] = [
    ['of the project that has it', [['a', 'Ready']], 'a'],
    [
      'not of a rival that is refused, whoever comes last',
      [
        ['a', 'Ready'],
        ['z', 'Refused'],
      ],
      'a',
    ],
    [
      'nor of one that comes first',
      [
        ['z', 'Ready'],
        ['a', 'Refused'],
      ],
      'z',
    ],
    [
      'of who has it, not of who is not seen',
      [
        ['a', 'Unknown'],
        ['z', 'Ready'],
        ['zz', 'Unknown'],
      ],
      'z',
    ],
    ['of the only one while the cluster is away', [['a', 'Unknown']], 'a'],
    [
      'of nobody while two may have it',
      [
        ['a', 'Unknown'],
        ['z', 'Unknown'],
      ],
      undefined,
    ],
    [
      'of nobody when it was only asked for',
      [
        ['a', 'Refused'],
        ['z', 'Pending'],
      ],
      undefined,
    ],
  ]
  for (const [name, states, expected] of cases) test(name, () => assert.equal(claims(...states), expected))
})
