import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '@flotilla/api'
import { type AnyRoute, auditTimeOf } from '@flotilla/api/contract'
import type { KubeClient } from '@flotilla/kube'
import { asFlotillaError, type FlotillaError, isRecord } from '@flotilla/model'
import type { Person } from '../access/people.ts'
import { addressKey } from '../access/sign-in-guard.ts'
import { differenceOf } from './difference.ts'
import type { AuditLog } from './audit-log.ts'
import { createRepeatLimiter, withLeftOut } from './limit-repeats.ts'
import { maskText, namesSecret } from './mask-text.ts'
import { observeWrites, type SeenWrite } from './observe-writes.ts'
import type { Place, Places } from './places.ts'

export interface AuditRequestDeps {
  readonly audit: Pick<AuditLog, 'note' | 'write'>
  readonly places: Places
  readonly now: () => number
}

export interface AskedOf {
  readonly params?: Readonly<Record<string, unknown>> | undefined
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
}

/** What becomes of one request in the audit. */
export interface AuditedRequest {
  /** Who asks, proven. */
  isOf(person: Person, tokenHash?: string): void
  /** Of a sign-in: who they say they are, when there is such a person; else somebody may have typed a password there. */
  claims(name: string | undefined): void
  asks(asked: AskedOf): void
  /** Waits until a privileged request is written down; fails with `store.unavailable` when it cannot be. */
  begin(): Promise<void>
  /** The host as the person, telling what is written to it. */
  watch(host: KubeClient): KubeClient
  end(outcome: { readonly status: number; readonly error?: FlotillaError | undefined }): void
}

/** Refusals of one person, or of one address without a person, that are written down each minute. */
const refusalsEachMinute = { person: 300, stranger: 30 } as const
/** Bodies of these hold passwords, or what stands for one. */
const secretBody = /^(?:session|signIn)\./

const nothing: AuditedRequest = {
  isOf: () => undefined,
  claims: () => undefined,
  asks: () => undefined,
  begin: () => Promise.resolve(),
  watch: (host) => host,
  end: () => undefined,
}

/** Audits requests by their line in the contract table, so that a new route needs nobody to think of it. */
export function createRequestAudit({ audit, places, now }: AuditRequestDeps) {
  const persons = createRepeatLimiter({ now, eachMinute: refusalsEachMinute.person })
  const strangers = createRepeatLimiter({ now, eachMinute: refusalsEachMinute.stranger })

  return (route: AnyRoute, address: string): AuditedRequest => {
    const time = auditTimeOf(route)
    if (time === 'never') return nothing
    const began = now()
    const request = randomUUID()
    const writes: SeenWrite[] = []
    let actor: AuditEntry['actor'] = { name: '', groups: [], address }
    let asked: AskedOf = {}
    let tries = false
    let strange = false
    let over = false

    const entry = (more: Partial<AuditEntry> & Pick<AuditEntry, 'result'>): AuditEntry => ({
      request,
      at: new Date(now()).toISOString(),
      source: 'api',
      actor,
      verb: route.id,
      target: targetOf(route, asked, places),
      ...more,
    })

    return {
      isOf: ({ name, uid, identity }, tokenHash) => {
        actor = {
          name,
          uid,
          groups: [...identity.groups],
          ...(tokenHash === undefined ? {} : { session: tokenHash.slice(0, 12) }),
          address,
        }
      },
      claims: (name) => {
        actor = { ...actor, name: name ?? '' }
        strange = name === undefined
      },
      asks: (more) => {
        asked = { ...asked, ...more }
        tries = isRecord(asked.body) && asked.body['dryRun'] === true
      },
      begin: async () => {
        if (time === 'before' && !tries) await audit.write(entry({ result: 'begun', ...detailsOf(route, asked) }))
      },
      watch: (host) => observeWrites(host, (write) => writes.push(write)),
      end: ({ status, error }) => {
        if (over) return
        over = true
        // it changed nothing, and is asked with each key that is pressed in an editor
        if (tries && error === undefined) return
        const ended = {
          durationMs: Math.max(0, now() - began),
          ...(strange ? { details: { unknownName: true } } : detailsOf(route, asked)),
        }
        const outcome = outcomeOf(status, error)
        if (outcome.result === 'denied') {
          const { write, leftOut } =
            actor.uid === undefined ? strangers.take(addressKey(address)) : persons.take(actor.uid)
          if (write) audit.note(withLeftOut(entry({ ...outcome, ...ended }), leftOut))
          return
        }
        for (const write of lastOfEach(writes)) audit.note(entry({ ...ended, status, ...ofWrite(write, places) }))
        if (writes.length === 0 || error !== undefined) audit.note(entry({ ...outcome, ...ended }))
      },
    }
  }
}

export type RequestAudit = ReturnType<typeof createRequestAudit>

/** What was tried again until it was done was done. */
function lastOfEach(writes: readonly SeenWrite[]): SeenWrite[] {
  const keys = writes.map(({ ref }) => `${ref.group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`)
  return writes.filter(({ error }, at) => error === undefined || keys.lastIndexOf(keys[at] ?? '') === at)
}

/** One object that the request wrote, or could not write. */
function ofWrite(
  { ref, before, after, error }: SeenWrite,
  places: Places,
): Pick<AuditEntry, 'target' | 'result'> & Partial<AuditEntry> {
  const { group, kind, namespace, name } = ref
  const own = kind === 'Workspace' ? places.workspace(name) : kind === 'Project' ? places.project(name) : undefined
  const target = {
    kind,
    ...(group === '' ? {} : { group }),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(kind === 'Cluster' ? { cluster: name } : {}),
    ...(own ?? (namespace === undefined ? {} : places.ofHost(namespace))),
  }
  if (error !== undefined) {
    const thrown = asFlotillaError(error)
    return { target, ...outcomeOf(thrown.status, thrown) }
  }
  const { changes, more } = differenceOf(before, after)
  return { target, result: 'allowed', changes: [...changes], ...(more === undefined ? {} : { more }) }
}

export function outcomeOf(
  status: number,
  error: FlotillaError | undefined,
): Pick<AuditEntry, 'result' | 'status'> & Partial<Pick<AuditEntry, 'code' | 'message'>> {
  if (error === undefined)
    return { result: status < 400 ? 'allowed' : status === 401 || status === 403 ? 'denied' : 'failed', status }
  const { code, message } = error
  const denied = code.startsWith('auth.') || code === 'request.csrf' || code === 'kube.forbidden'
  return {
    result: denied ? 'denied' : 'failed',
    status: error.status,
    code,
    // others quote what was sent, or what a cluster has
    ...(/^(?:auth|cluster|store|server|request)\./.test(code) ? { message: maskText(message) } : {}),
  }
}

function targetOf({ id }: AnyRoute, { params = {}, query = {}, body }: AskedOf, places: Places): AuditEntry['target'] {
  const said = (key: string): string | undefined => {
    for (const from of [params, query, isRecord(body) ? body : {}]) {
      const value = from[key]
      if (typeof value === 'string' && value !== '') return value
    }
    return undefined
  }
  const project = said('project')
  const workspace = said('workspace')
  const namespace = said('namespace')
  // the cluster itself, where it is added as well
  const ofCluster = /^(?:clusters|agents)\./.test(id)
  const cluster = said('cluster') ?? (ofCluster ? said('name') : undefined)
  const place: Place =
    project !== undefined
      ? places.project(project)
      : workspace !== undefined
        ? places.workspace(workspace)
        : namespace !== undefined
          ? places.ofHost(namespace)
          : {}
  const named: readonly (readonly [string, string | undefined])[] = [
    ['Application', said('application')],
    ['User', said('user')],
    ['Cluster', ofCluster ? cluster : undefined],
    ['IdentityProvider', said('provider')],
    ['Recording', said('recording')],
  ]
  const [ofKind, called] = named.find(([, value]) => value !== undefined) ?? []
  const kind = ofKind ?? (typeof params['kind'] === 'string' ? params['kind'] : undefined)
  const name = called ?? said('name')
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(cluster === undefined ? {} : { cluster }),
    ...place,
  }
}

/** What was asked for in few words: what is long, or could be a secret, is left out. */
function detailsOf({ id }: AnyRoute, { query = {}, body }: AskedOf): Pick<AuditEntry, 'details'> {
  const details: Record<string, string | number | boolean> = {}
  const from = { ...query, ...(isRecord(body) && !secretBody.test(id) ? body : {}) }
  for (const [key, value] of Object.entries(from)) {
    if (namesSecret(key)) continue
    if (typeof value === 'number' || typeof value === 'boolean') details[key] = value
    else if (typeof value === 'string') details[key] = maskText(value)
  }
  return Object.keys(details).length === 0 ? {} : { details }
}
