import { asFlotillaError, FlotillaError } from '@flotilla/model'
import { contentHash, diffObject, type DriftCheck, type EffectResult, stripFields } from '@flotilla/reconcile'
import type { Workbench } from './deps.ts'
import { asFailure, atOnce, isTransport } from './dry-run-objects.ts'
import { applyObject } from './field-owners.ts'
import { inParallel } from './in-parallel.ts'

/** Compares objects with a dry-run of what was sent: only what an apply would change is drift of ours. */
export async function checkDrift(bench: Workbench, checks: readonly DriftCheck[]): Promise<Map<string, EffectResult>> {
  const results = new Map<string, EffectResult>()
  await inParallel(checks, atOnce, async ({ object: prepared, resultKey }) => {
    const paths = await driftPaths(bench, prepared)
    if (paths !== undefined) results.set(resultKey, { kind: 'drift', paths })
  })
  return results
}

/** Undefined: the object went meanwhile, which the watch will say. */
async function driftPaths(bench: Workbench, prepared: DriftCheck['object']): Promise<readonly string[] | undefined> {
  const { client, signal, counters, owners, deps } = bench
  counters.add('driftChecks')
  const live = await owners.read(bench, prepared)
  if (live === undefined) return undefined
  try {
    counters.add('dryRuns')
    const { object } = stripFields(prepared, live)
    const applied = await applyObject(client, object, { dryRun: true, signal })
    if (contentHash(applied, deps.digestKey) === contentHash(live, deps.digestKey)) return []
    const paths = diffObject(live, applied).map(({ path }) => path)
    return paths.length === 0 ? [] : paths.slice(0, 20)
  } catch (thrown) {
    signal.throwIfAborted()
    const error = asFlotillaError(thrown)
    if (isTransport(error)) throw error
    // it cannot be applied any more: that is a difference, and the repair will say what is wrong
    const { message, remedy } = asFailure(prepared, error)
    deps.log.debug('drift check refused', { message, remedy })
    if (error instanceof FlotillaError) return ['(refused by the API server)']
    throw thrown
  }
}
