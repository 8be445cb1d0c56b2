import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { KubeClient } from '@flotilla/kube'
import { canonicalJson, type KubeObject } from '@flotilla/model'
import { appKinds, describeObject, expectedObjects, objectsPerApp } from './app-charts.ts'
import { followObjects } from './follow-objects.ts'
import { longestPhaseMs } from './side.ts'

/** The applications in the cluster itself, whoever brought them. */
export interface SeenApps {
  /** Resolves when the last object of these applications is there with this version. */
  until(names: readonly string[], version: string): Promise<void>
  /** Errors: an object of these applications is missing, too many, or not what it has to be. */
  check(versions: ReadonlyMap<string, string>): Promise<string>
  close(): void
}

export async function seeApps(hub: KubeClient, namespace: string, image: string): Promise<SeenApps> {
  const followed = await Promise.all(
    appKinds.map(async (kind) => ({ kind: kind.kind, objects: await followObjects(hub, kind, namespace) })),
  )
  const described = (name: string, version: string): Map<string, string> =>
    new Map(expectedObjects(name, version, image).map((one) => [(one as string[])[0] ?? '', canonicalJson(one)]))
  return {
    async until(names, version) {
      const wanted = new Map(names.map((name) => [name, described(name, version)]))
      const isSo = (kind: string) => (object: KubeObject) =>
        canonicalJson(describeObject(kind, object)) === wanted.get(object.metadata.name)?.get(kind)
      await Promise.all(followed.map(({ kind, objects }) => objects.until(names, isSo(kind), longestPhaseMs)))
    },
    async check(versions) {
      const expected = [...versions]
        .flatMap(([name, version]) => expectedObjects(name, version, image))
        .map(canonicalJson)
      const lists = await Promise.all(
        appKinds.map(async (kind) => {
          const { items } = await hub.list(kind, { namespace })
          return items
            .filter(({ metadata }) => versions.has(metadata.name))
            .map((one) => describeObject(kind.kind, one))
        }),
      )
      const found = lists.flat().map(canonicalJson)
      assert.equal(found.length, versions.size * objectsPerApp, `objects in ${namespace}`)
      const digest = digestOf(found)
      assert.equal(digest, digestOf(expected), `what the objects in ${namespace} hold`)
      return digest
    },
    close: () => followed.forEach(({ objects }) => objects.close()),
  }
}

const digestOf = (texts: readonly string[]): string =>
  createHash('sha256').update(texts.toSorted().join('\n')).digest('hex')
