import type { Clock, KubeClient } from '@flotilla/kube'
import { asFlotillaError, type Component, FlotillaError, type KubeObject, isRecord } from '@flotilla/model'
import { type ValueMap } from '@flotilla/reconcile'
import { parseYaml } from '@flotilla/render'
import { readSecretText } from './credentials.ts'

export interface SecretValues {
  /** In the order of `valuesFrom`; undefined where an optional Secret does not exist. */
  readonly values: readonly (ValueMap | undefined)[]
  /** Texts in them that must appear nowhere. */
  readonly secrets: readonly string[]
}

const freshMs = 5_000
const largest = 1024 * 1024
/** Shorter texts are everywhere: hiding them would hide everything and protect nothing. */
const shortestSecret = 5
const mostSecrets = 1_000

type Reading = { readonly at: number; readonly secret: Promise<KubeObject | undefined> }

/** Reads the Secrets that components take values from, each at most every few seconds. */
export class SecretReader {
  readonly #host: KubeClient
  readonly #clock: Clock
  readonly #readings = new Map<string, Reading>()

  constructor(host: KubeClient, clock: Clock) {
    this.#host = host
    this.#clock = clock
  }

  /**
   * The values of one component from its Secrets. Errors: `input.invalid` names the field of a Secret that is missing
   * or holds no values; those of the host when it cannot be asked.
   */
  async read(namespace: string, component: Component, index: number, signal: AbortSignal): Promise<SecretValues> {
    const values: (ValueMap | undefined)[] = []
    for (const [place, from] of (component.valuesFrom ?? []).entries()) {
      const field = `spec.components[${index}].valuesFrom[${place}]`
      const secret = await this.#get(namespace, from.secretName, signal)
      const text = secret === undefined ? undefined : readSecretText(secret, from.key)
      if (text === undefined) {
        if (!from.optional) throw missing(secret === undefined, from.secretName, from.key, field)
        values.push(undefined)
      } else values.push(await parseValues(text, `Secret ${from.secretName}/${from.key}`, field, signal))
    }
    return { values, secrets: collectSecrets(values) }
  }

  /** The Secret `namespace/name` changed: what was read of it no longer counts. */
  forget(key: string): void {
    this.#readings.delete(key)
  }

  #get(namespace: string, name: string, signal: AbortSignal): Promise<KubeObject | undefined> {
    const key = `${namespace}/${name}`
    const now = this.#clock.elapsed()
    const reading = this.#readings.get(key)
    if (reading !== undefined && now - reading.at < freshMs) return reading.secret
    for (const [old, { at }] of this.#readings) if (now - at >= freshMs) this.#readings.delete(old)
    const secret = this.#host.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal })
    this.#readings.set(key, { at: now, secret })
    secret.catch(() => this.#readings.delete(key))
    return secret
  }
}

function missing(whole: boolean, secretName: string, key: string, field: string): FlotillaError {
  return new FlotillaError('input.invalid', {
    message: whole ? `Secret ${secretName} does not exist` : `Secret ${secretName} has no key ${key}`,
    remedy: 'Create it in the host namespace of the project, or mark it optional',
    field,
  })
}

/** Values as YAML. Of what is wrong with it only the line is told: the rest may be the secret itself. */
async function parseValues(text: string, name: string, field: string, signal: AbortSignal): Promise<ValueMap> {
  let documents: unknown[]
  try {
    documents = await parseYaml(text, { field, maxBytes: largest, signal })
  } catch (thrown) {
    signal.throwIfAborted()
    const { code, message } = asFlotillaError(thrown)
    const line = /\bline (\d+)/i.exec(message)?.[1]
    throw new FlotillaError(code, {
      message: `${name} cannot be read as YAML${line === undefined ? '' : `, at its line ${line}`}`,
      remedy: 'Correct the Secret',
      field,
    })
  }
  const [values = {}, second] = documents
  if (!isRecord(values) || second !== undefined)
    throw new FlotillaError('input.invalid', { message: `${name} is not one map of values`, field })
  return values
}

function collectSecrets(values: readonly unknown[]): string[] {
  const found = new Set<string>()
  const walk = (value: unknown): void => {
    if (found.size >= mostSecrets) return
    if (typeof value === 'string') {
      if (value.length >= shortestSecret) found.add(value)
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
  }
  values.forEach(walk)
  return [...found]
}
