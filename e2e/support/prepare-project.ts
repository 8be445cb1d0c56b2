import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { ApiClient } from '@flotilla/api'

const readyMs = 120_000

/** A workspace and a project of a test's own, on both members, whose targets are ready. */
export async function prepareProject(
  api: ApiClient,
  clusters: readonly string[],
  podSecurity: 'baseline' | 'privileged' = 'baseline',
) {
  const suffix = randomBytes(3).toString('hex')
  const workspace = `con-${suffix}`
  const project = `web-${suffix}`
  const kind = (name: string, metadata: string, spec: string) =>
    `apiVersion: flotilla.dev/v1alpha1\nkind: ${name}\nmetadata: ${metadata}\nspec: ${spec}\n`
  const apply = async (documents: string) => {
    // the workspace's namespace comes a moment after the workspace
    await until(async () => (await api.documents.apply({ body: { documents } })).failed === 0)
  }
  await apply(kind('Workspace', `{ name: ${workspace} }`, '{}'))
  const targets = `{ targets: [{ clusters: { names: [${clusters.join(', ')}] }, environment: prod }], podSecurity: ${podSecurity} }`
  await apply(kind('Project', `{ name: ${project}, namespace: ws-${workspace} }`, targets))
  await until(async () => {
    const found = await api.projects.get({ params: { project } })
    return found.targets.length === clusters.length && found.targets.every(({ state }) => state === 'Ready')
  })
  const remove = async () => {
    await api.kinds
      .remove({ params: { kind: 'Project', name: project }, query: { workspace, objects: 'delete' } })
      .catch(() => 'gone')
    await api.kinds.remove({ params: { kind: 'Workspace', name: workspace }, query: {} }).catch(() => 'gone')
  }
  return { workspace, project, remove }
}

/** Takes out of the fleet what an earlier test of the same host left in it. */
export async function leaveClusters(api: ApiClient): Promise<void> {
  for (const { name } of (await api.clusters.list()).items) {
    await api.clusters.remove({ params: { cluster: name }, query: { objects: 'keep' } })
  }
  await until(async () => (await api.clusters.list()).total === 0, 90_000)
}

/** Asks until it is so; what fails meanwhile is asked again, and told when time is up. */
export async function until(isSo: () => Promise<boolean>, ms = readyMs, everyMs = 500): Promise<void> {
  const deadline = Date.now() + ms
  let last: unknown
  while (Date.now() < deadline) {
    try {
      if (await isSo()) return
      last = undefined
    } catch (error) {
      last = error
    }
    await wait(everyMs)
  }
  throw new Error(`it did not come to be within ${ms / 1000} s`, { cause: last })
}
