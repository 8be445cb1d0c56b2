import { type Application, asFlotillaError, type Component, type Finding, type ResolvedSource } from '@flotilla/model'
import { inParallel } from '../delivery/in-parallel.ts'
import type { SecretValues } from '../application/values-from.ts'
import type { ReleaseDeps } from './deps.ts'

/** What a component is rendered from, the same for all targets. */
export interface ComponentInputs {
  readonly component: Component
  readonly source: ResolvedSource
  readonly secretValues: SecretValues
}

export interface ResolvedInputs {
  readonly inputs: readonly ComponentInputs[]
  readonly findings: readonly Finding[]
  /** Something that could not be read may be there later. */
  readonly retry: boolean
}

const atOnce = 4

/** Reads Secrets and pins sources; what can move is asked for anew. What cannot be read is a finding of its component. */
export async function resolveInputs(
  { shared }: ReleaseDeps,
  application: Application,
  signal: AbortSignal,
): Promise<ResolvedInputs> {
  const { uid = '', namespace = '' } = application.metadata
  const findings: Finding[] = []
  let retry = false
  const found = await inParallel([...application.spec.components.entries()], atOnce, async ([index, component]) => {
    try {
      const secretValues = await shared.secrets.read(namespace, component, index, signal)
      const source = await shared.sourceMemory.pin({ applicationUid: uid, namespace, component, index }, signal)
      return [{ component, source, secretValues }]
    } catch (thrown) {
      signal.throwIfAborted()
      const error = asFlotillaError(thrown)
      if (error.next === 'retry') retry = true
      const remedy = error.remedy === undefined ? '' : `. ${error.remedy}`
      findings.push({
        severity: 'Error',
        code: error.code,
        message: `${error.message}${remedy}`.slice(0, 1500),
        component: component.name,
        ...(error.field === undefined ? {} : { field: error.field }),
      })
      return []
    }
  })
  return { inputs: found.flat(), findings, retry }
}
