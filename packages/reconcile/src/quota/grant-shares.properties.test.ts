import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { known, nanosOf, type Project, type Workspace } from '@flotilla/model'
import * as fc from 'fast-check'
import { planQuota } from '../project/quota.ts'
import { aProject, aWorkspace, away, ClusterWorld, held } from '../testing/fleet-world.ts'
import { grantOf } from './grant-of.ts'
import { grantShares } from './grant-shares.ts'

const cpu = 'requests.cpu'
const clusters = ['east', 'west'] as const
const names = ['older', 'younger', 'youngest'] as const
const quota = (amount: number) => ({ quota: { hard: { [cpu]: String(amount) } } })
const cpuOf = (amounts: Readonly<Record<string, string>> | undefined): number =>
  Number(nanosOf(amounts?.[cpu]) ?? 0n) / 1e9

/** A workspace, its projects, and what their ResourceQuotas in two clusters allow. */
class Department {
  workspace: Workspace
  readonly projects = new Map<string, Project>()
  readonly worlds = new Map(clusters.map((name) => [name, new ClusterWorld(name)]))
  /** What each controller saw last of the other's objects: a watch may be behind, and never goes back. */
  readonly #seenProjects = new Map<string, Project>()
  readonly #seenWorkspace = new Map<string, Workspace>()

  constructor(hard: number) {
    this.workspace = { ...aWorkspace(), spec: quota(hard) }
    names.forEach((name, at) => {
      const project = aProject(
        name,
        { targets: [{ clusters: {} }], ...quota(0) },
        { ...held, creationTimestamp: `2026-01-0${at + 1}T00:00:00Z` },
      )
      this.projects.set(name, project)
      for (const world of this.worlds.values()) world.addNamespace(name, { owner: project.metadata.uid ?? '' })
    })
  }

  project(name: string): Project {
    const found = this.projects.get(name)
    assert.ok(found)
    return found
  }

  ask(name: string, amount: number): void {
    const project = this.project(name)
    this.projects.set(name, { ...project, spec: { ...project.spec, ...quota(amount) } })
  }

  /** As the host's admission has it: not below what is given. */
  bound(amount: number): void {
    if (amount >= cpuOf(this.workspace.status?.quota?.allocated))
      this.workspace = { ...this.workspace, spec: quota(amount) }
  }

  decide(behind: readonly string[]): void {
    for (const name of names)
      if (!behind.includes(name) || !this.#seenProjects.has(name)) this.#seenProjects.set(name, this.project(name))
    const { status } = grantShares(this.workspace, [...this.#seenProjects.values()])
    this.workspace = {
      ...this.workspace,
      status: { ...this.workspace.status, ...(status === undefined ? {} : { quota: status }) },
    }
  }

  see(name: string): void {
    this.#seenWorkspace.set(name, this.workspace)
  }

  follow(name: string, isBehind: boolean, reachable: readonly string[], dies: boolean): void {
    if (!isBehind || !this.#seenWorkspace.has(name)) this.#seenWorkspace.set(name, this.workspace)
    const project = this.project(name)
    const state = (cluster: string) => (reachable.includes(cluster) ? ('connected' as const) : ('lost' as const))
    const plan = planQuota({
      project,
      targets: clusters.map((cluster) => ({ cluster, namespace: name, labels: {}, rule: 0 })),
      clusters: clusters.map((cluster) => ({
        name: cluster,
        labels: {},
        removing: false,
        connection: { state: state(cluster) },
      })),
      observed: {
        members: new Map(
          [...this.worlds].map(([cluster, world]) => [
            cluster,
            reachable.includes(cluster) ? known(world.sight()) : away,
          ]),
        ),
        unsettled: new Set(),
        grant: grantOf(project, this.#seenWorkspace.get(name)),
      },
    })
    // the status first, as the controller does it
    this.projects.set(name, {
      ...project,
      status: { ...project.status, ...(plan.status === undefined ? {} : { quota: plan.status }) },
    })
    if (dies) return
    for (const [cluster, world] of this.worlds) {
      const hard = plan.shares.get(`${cluster}/${name}`)
      if (!reachable.includes(cluster) || hard === undefined) continue
      const labels = { 'flotilla.dev/owner': project.metadata.uid ?? '' }
      world.apply({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'flotilla', namespace: name, labels },
        spec: { hard },
      })
    }
  }

  allowed(name?: string): number {
    let total = 0
    for (const world of this.worlds.values()) {
      for (const { object } of world.objects.values())
        if (name === undefined || object.metadata.namespace === name)
          total += cpuOf((object['spec'] as { hard: Record<string, string> }).hard)
    }
    return total
  }

  settle(): void {
    for (let pass = 0; pass < 8; pass++) {
      this.decide([])
      for (const name of names) this.follow(name, false, clusters, false)
    }
  }
}

const aName = fc.constantFrom(...names)
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('ask' as const), name: aName, amount: fc.constantFrom(0, 2, 10, 18) }),
    fc.record({ do: fc.constant('see' as const), name: aName }),
    fc.record({ do: fc.constant('bound' as const), amount: fc.integer({ min: 0, max: 30 }) }),
    { weight: 3, arbitrary: fc.record({ do: fc.constant('decide' as const), behind: fc.subarray([...names]) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('follow' as const),
        name: aName,
        behind: fc.boolean(),
        reachable: fc.subarray([...clusters]),
        dies: fc.constantFrom(false, false, false, true),
      }),
    },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
)

describe('a workspace and its projects, whatever races', () => {
  test('never allow in all clusters together more than the workspace has', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const department = new Department(20)
        for (const step of history) {
          if (step.do === 'ask') department.ask(step.name, step.amount)
          else if (step.do === 'bound') department.bound(step.amount)
          else if (step.do === 'decide') department.decide(step.behind)
          else if (step.do === 'see') department.see(step.name)
          else department.follow(step.name, step.behind, step.reachable, step.dies)
          const hard = cpuOf(department.workspace.spec.quota?.hard)
          assert.ok(department.allowed() <= hard, `${department.allowed()} of ${hard}`)
        }
        department.settle()
        const { workspace } = department
        const hard = cpuOf(workspace.spec.quota?.hard)
        const asked = names.map((name) => cpuOf(department.project(name).spec.quota?.hard))
        const has = names.map((name) => department.allowed(name))
        assert.ok(department.allowed() <= hard)
        if (asked.reduce((a, b) => a + b, 0) <= hard) assert.deepEqual(has, asked, 'where all fits, all have it')
        const again = grantShares(workspace, [...department.projects.values()])
        assert.deepEqual(again.status, workspace.status?.quota, 'and it holds still')
        assert.deepEqual(again.exceeded, [])
      }),
      { numRuns: 500 },
    )
  })

  test('what a project gives back is not given on before it is known to follow, however its own sight is behind', () => {
    for (const settled of [false, true]) {
      const department = new Department(20)
      if (settled) {
        // it has followed a decision that looks the same as the one that takes away again
        department.ask('older', 2)
        department.settle()
      }
      department.ask('older', 10)
      department.decide([])
      department.see('older')
      department.ask('older', 2)
      department.ask('younger', 18)
      for (let pass = 0; pass < 3; pass++) department.decide([])
      department.follow('older', true, clusters, false)
      for (let pass = 0; pass < 3; pass++) department.follow('younger', false, clusters, false)
      assert.equal(department.allowed('older'), 10)
      assert.equal(department.allowed('younger'), 0)
      department.settle()
      assert.deepEqual([department.allowed('older'), department.allowed('younger')], [2, 18])
    }
  })

  test('the older project is served first; the other keeps what it had, and is told with figures', () => {
    const department = new Department(20)
    department.ask('younger', 5)
    department.settle()
    // both passed the host's admission at the same moment
    department.ask('younger', 12)
    department.ask('older', 12)
    department.settle()
    assert.deepEqual(
      names.map((name) => department.allowed(name)),
      [12, 5, 0],
    )
    const { refused } = grantOf(department.project('younger'), department.workspace)
    assert.match(refused.join(), /asks for 12 of requests\.cpu, and of 20 of workspace retail 17 are given/)
    department.ask('older', 8)
    department.settle()
    assert.deepEqual(
      names.map((name) => department.allowed(name)),
      [8, 12, 0],
    )
  })

  test('what is free is told to the host, and below nothing where writes raced', () => {
    const department = new Department(20)
    department.ask('older', 12)
    department.ask('younger', 12)
    assert.equal(grantShares(department.workspace, [...department.projects.values()]).free, 'requests.cpu=-4 of 20')
  })

  test('a project of before that names no share is not bounded, and is told so', () => {
    const department = new Department(20)
    const project = department.project('older')
    const { quota: _none, ...spec } = project.spec
    department.projects.set('older', { ...project, spec })
    department.settle()
    assert.ok(
      clusters.every((name) =>
        [...(department.worlds.get(name)?.objects.values() ?? [])].every(
          ({ object }) => object.metadata.namespace !== 'older',
        ),
      ),
    )
    assert.match(grantOf(department.project('older'), department.workspace).refused.join(), /names no share of it/)
  })
})
