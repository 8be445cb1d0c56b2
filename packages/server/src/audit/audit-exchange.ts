import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AuditEntry } from '@flotilla/api'
import type { KubeClient, ProxyOutcome } from '@flotilla/kube'
import { type FlotillaError, isRecord } from '@flotilla/model'
import type { Person } from '../access/people.ts'
import { addressKey } from '../access/sign-in-guard.ts'
import { type AuditRequestDeps, outcomeOf } from './audit-request.ts'
import { differenceOf } from './difference.ts'
import { auditTimeOfKube, detailsOfKube, type KubeRequest, parseKubeRequest } from './kube-request.ts'
import { createRepeatLimiter, withLeftOut } from './limit-repeats.ts'
import { nameInProtobuf } from './protobuf-name.ts'
import { restrictTo } from './restrict-to.ts'

/** What becomes of one request to an API server in the audit. */
export interface AuditedExchange {
  /** In every record of it. */
  readonly request: string
  /** What else is said of it from now on, in place of what was said before, such as where its recording is. */
  says(details: NonNullable<AuditEntry['details']>): void
  isOf(person: Person, exchange: { readonly tokenHash: string; readonly groups: readonly string[] }): void
  /** Waits until what is privileged, or lasts, is written down; `store.unavailable` when it cannot be. */
  begin(client: KubeClient, signal: AbortSignal): Promise<void>
  /** Right before the body is passed on. */
  listen(request: IncomingMessage): void
  end(outcome: ProxyOutcome): void
  fail(error: FlotillaError): void
}

const refusalsEachMinute = { person: 300, stranger: 30 } as const
/** Longer bodies are passed on and not looked at. */
const longestBody = 128 * 1024
const beforeMs = 2_000

/** Undefined for what is not written down: reading, but of Secrets. */
export function createExchangeAudit({ audit, places, now }: AuditRequestDeps) {
  const persons = createRepeatLimiter({ now, eachMinute: refusalsEachMinute.person })
  const strangers = createRepeatLimiter({ now, eachMinute: refusalsEachMinute.stranger })

  return (
    method: string,
    path: string,
    at: { readonly cluster: string | undefined; readonly address: string; readonly upgrades?: boolean },
  ): AuditedExchange | undefined => {
    const asked = parseKubeRequest(method, path)
    const time = auditTimeOfKube(method, asked, at)
    if (time === 'never') return undefined
    const began = now()
    const request = randomUUID()
    let actor: AuditEntry['actor'] = { name: '', groups: [], address: at.address }
    let before: unknown
    let body: BodyCopy | undefined
    let said: NonNullable<AuditEntry['details']> = {}
    let readAgain = (_name: string | undefined): Promise<unknown> => Promise.resolve(undefined)

    const entry = (more: Partial<AuditEntry> & Pick<AuditEntry, 'result'>): AuditEntry => {
      return {
        request,
        at: new Date(now()).toISOString(),
        source: 'kubernetes',
        actor,
        verb: verbOf(method, asked),
        target: targetOf(asked, at.cluster, body?.name(), places),
        ...withDetails({ ...(asked === undefined ? {} : detailsOfKube(asked)), ...said }),
        ...more,
      }
    }
    const refuse = (refused: AuditEntry): void => {
      const { write, leftOut } =
        actor.uid === undefined ? strangers.take(addressKey(at.address)) : persons.take(actor.uid)
      if (write) audit.note(withLeftOut(refused, leftOut))
    }

    return {
      request,
      says: (details) => {
        said = details
      },
      isOf: ({ name, uid }, { tokenHash, groups }) => {
        actor = { name, uid, groups: [...groups], session: tokenHash.slice(0, 12), address: at.address }
      },
      begin: async (client, signal) => {
        if (time === 'before' || time === 'around') await audit.write(entry({ result: 'begun' }))
        if (asked === undefined || time === 'around' || method === 'GET') return
        const [pathname = ''] = path.split('?', 1)
        const read = async (of: string): Promise<unknown> => {
          try {
            return (await client.request({ method: 'GET', path: of, timeoutMs: beforeMs, signal })).body
          } catch {
            // who may write but not read sees nothing of it, and neither does the audit
            return undefined
          }
        }
        readAgain = async (name) => {
          if (asked.name !== undefined) return await read(pathname)
          return name === undefined
            ? undefined
            : await read(`${pathname.replace(/\/+$/, '')}/${encodeURIComponent(name)}`)
        }
        if (asked.name !== undefined && method !== 'POST') before = await read(pathname)
      },
      listen: (incoming) => {
        if (time !== 'around' && method !== 'DELETE') body = copyBody(incoming)
      },
      end: ({ status, ended, bytesUp, bytesDown }) => {
        const durationMs = Math.max(0, now() - began)
        const outcome = outcomeOf(status === 101 ? 200 : status, undefined)
        if (outcome.result === 'denied') return refuse(entry({ ...outcome, durationMs }))
        const details = {
          ...(asked === undefined ? {} : detailsOfKube(asked)),
          ...said,
          ...(time === 'around' ? { ended, bytesUp, bytesDown } : {}),
          ...body?.unread(),
        }
        // nothing was answered: whether it was done nobody knows
        const result = status === 0 || ended === 'lost' ? 'failed' : outcome.result
        const done = entry({
          result,
          ...(status === 0 ? {} : { status }),
          durationMs,
          ...withDetails(details),
        })
        if (result !== 'allowed') return audit.note(done)
        const sent = body?.read()
        const unread = details['bytes'] !== undefined && asked?.query.has('dryRun') === false
        if (!unread) return audit.note({ ...done, ...changesOf(asked, method, before, sent) })
        // no JSON: what came of it is read instead
        void readAgain(body?.name()).then((after) =>
          audit.note({
            ...done,
            ...(after === undefined ? {} : changesOf(asked, 'PUT', before, after)),
          }),
        )
      },
      fail: (error) => {
        const outcome = outcomeOf(error.status, error)
        const failed = entry({ ...outcome, durationMs: Math.max(0, now() - began) })
        if (outcome.result === 'denied') refuse(failed)
        else audit.note(failed)
      },
    }
  }
}

export type ExchangeAudit = ReturnType<typeof createExchangeAudit>

/** What is done in a pod is said by its subresource; everything else by Kubernetes' own verb. */
function verbOf(method: string, asked: KubeRequest | undefined): string {
  if (asked === undefined) return method.toLowerCase()
  const { subresource, verb } = asked
  return subresource !== undefined && ['exec', 'attach', 'portforward'].includes(subresource) ? subresource : verb
}

function targetOf(
  asked: KubeRequest | undefined,
  cluster: string | undefined,
  nameInBody: string | undefined,
  places: AuditRequestDeps['places'],
): AuditEntry['target'] {
  const of = cluster === undefined ? {} : { cluster }
  if (asked === undefined) return of
  const { group, resource, subresource, namespace } = asked
  const name = asked.name ?? nameInBody
  return {
    ...of,
    kind: (subresource === undefined ? resource : `${resource}/${subresource}`).slice(0, 200),
    ...(group === '' ? {} : { group: group.slice(0, 253) }),
    ...(name === undefined ? {} : { name: name.slice(0, 253) }),
    ...(namespace === undefined ? {} : { namespace: namespace.slice(0, 253) }),
    ...(namespace === undefined
      ? {}
      : cluster === undefined
        ? places.ofHost(namespace)
        : places.ofMember(cluster, namespace)),
  }
}

const withDetails = (details: NonNullable<AuditEntry['details']>): Pick<AuditEntry, 'details'> =>
  Object.keys(details).length === 0 ? {} : { details }

function nameIn(body: unknown): string | undefined {
  const metadata = isRecord(body) ? body['metadata'] : undefined
  const name = isRecord(metadata) ? metadata['name'] : undefined
  return typeof name === 'string' ? name : undefined
}

/** What was sent, against what was there before: what the cluster made of it is not seen. */
function changesOf(
  asked: KubeRequest | undefined,
  method: string,
  before: unknown,
  sent: unknown,
): Pick<AuditEntry, 'changes' | 'more'> {
  const secret = asked?.resource === 'secrets'
  if (method !== 'DELETE' && sent === undefined) return {}
  // a list of steps says itself what it changes
  const was = method === 'PATCH' ? (Array.isArray(sent) ? undefined : restrictTo(before, sent)) : before
  const { changes, more } = differenceOf(was, sent, { secret })
  return { changes: [...changes], ...(more === undefined ? {} : { more }) }
}

interface BodyCopy {
  /** Undefined when it is too long, or no JSON. */
  read(): unknown
  /** In the metadata of what was sent. */
  name(): string | undefined
  /** What is said of a body that was not read. */
  unread(): { bytes?: number; contentType?: string }
}

function copyBody(request: IncomingMessage): BodyCopy {
  let chunks: Buffer[] = []
  let bytes = 0
  let parsed: { value: unknown; name: string | undefined } | undefined
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= longestBody) chunks.push(chunk)
    else chunks = []
  })
  const read = (): unknown => {
    if (!request.complete || bytes === 0 || bytes > longestBody) return undefined
    if (parsed === undefined) {
      const whole = Buffer.concat(chunks)
      const value = parse(whole.toString())
      parsed = { value, name: nameIn(value) ?? nameInProtobuf(whole) }
      chunks = []
    }
    return parsed.value
  }
  return {
    read,
    name: () => {
      read()
      return parsed?.name
    },
    unread: () => {
      if (bytes === 0 || read() !== undefined) return {}
      return { bytes, contentType: (request.headers['content-type'] ?? '').slice(0, 100) }
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
