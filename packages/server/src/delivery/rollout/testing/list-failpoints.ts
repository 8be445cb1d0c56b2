import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RolloutEffect } from '@flotilla/reconcile'
import type { HostEffect } from '../execute-rollout.ts'

/** What writes for a rollout, a release that is frozen, a migration, and the history of what ran. */
const folders = ['rollout', 'release', 'migration', 'history']

/** An effect that is new does not compile before it stands here. */
const effects: Readonly<Record<Exclude<RolloutEffect['kind'], HostEffect['kind']>, true>> = {
  WriteDelivery: true,
  BeginStep: true,
  LetGoStep: true,
  CancelStep: true,
  ResolveStep: true,
}
const templates: Readonly<Record<string, readonly string[]>> = {
  'rollout-${effect.kind}-done': Object.keys(effects).map((kind) => `rollout-${kind}-done`),
}

/** Every failpoint that the source of the engine names. Fails on a name that it cannot read. */
export async function listFailpoints(): Promise<string[]> {
  const root = join(import.meta.dirname, '../..')
  const found = new Set<string>()
  for (const folder of folders)
    for await (const file of glob(`${folder}/**/*.ts`, { cwd: root })) {
      if (file.endsWith('.test.ts') || file.includes('/testing/')) continue
      const text = await readFile(join(root, file), 'utf8')
      for (const [call, , name = ''] of text.matchAll(/\bfailpoint\((?:(['`])(.*?)\1)?/g)) {
        const names = name.includes('${') ? templates[name] : [name]
        if (names === undefined || name === '') throw new Error(`${file}: which failpoints is ${call}?`)
        for (const one of names) found.add(one)
      }
    }
  return [...found].toSorted()
}
