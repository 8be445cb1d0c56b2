import type { AsciicastLine, AuditFilter, AuditRecord } from '@flotilla/api'
import type { Identity } from '@flotilla/kube'
import { FlotillaError, projectNamespace, systemNamespace, workspaceNamespace } from '@flotilla/model'
import type { AuditQuestion } from '../../store/audit-store.ts'
import type { Recording } from '../../store/recording-store.ts'
import type { Services, SomeHandlers } from '../handler.ts'
import { createSessionGuard } from '../session-guard.ts'

/** Steps of one answer, each over a bounded stretch of the chain; then it says where to go on. */
const mostSteps = 10
const exportPage = 500

/** Reading the audit: what was done in places where the reader may `audit`. */
export function auditHandlers(services: Services): SomeHandlers<'audit'> {
  const { deps, visibility } = services
  const { state, store, audit } = deps

  /** By uid: what was done in an earlier project of the same name is not for the administrators of this one. */
  async function withinOf(identity: Identity, signal: AbortSignal): Promise<AuditQuestion['within'] | 'everywhere'> {
    const workspaces = state.workspaces.list()
    const projects = state.projects
      .list()
      .filter(({ metadata, status }) => status?.namespace === projectNamespace(metadata.name))
    const namespaces = [
      systemNamespace,
      ...workspaces.map(({ metadata }) => workspaceNamespace(metadata.name)),
      ...projects.map(({ metadata }) => projectNamespace(metadata.name)),
    ]
    const asked = { verb: 'audit', resource: 'memberships' }
    const places = await visibility.places(identity, asked, namespaces, signal)
    if (places === 'everywhere') return places
    const uids = (
      all: readonly { metadata: { name: string; uid?: string | undefined } }[],
      of: (name: string) => string,
    ) => all.flatMap(({ metadata: { name, uid } }) => (uid !== undefined && places.has(of(name)) ? [uid] : []))
    return { workspaces: uids(workspaces, workspaceNamespace), projects: uids(projects, projectNamespace) }
  }

  return {
    'audit.list': async ({ query, caller, exchange }) => {
      const within = await withinOf(caller.identity, exchange.signal)
      const reads = readsOf(within)
      if (reads === 'none') return { items: [], reads }
      // what the reader did a moment ago is in it
      await audit.flush()
      const question = questionOf(query, within)
      const items: AuditRecord[] = []
      let before = cursorOf(query.continue)
      for (let step = 0; step < mostSteps; step++) {
        exchange.signal.throwIfAborted()
        const found = await store.audit.find(question, { before, limit: query.limit - items.length })
        items.push(...found.items)
        before = found.next
        if (before === undefined || items.length >= query.limit) break
      }
      return { items, reads, ...(before === undefined ? {} : { continue: String(before) }) }
    },
    'audit.export': async function* ({ query, caller, exchange }) {
      const within = await withinOf(caller.identity, exchange.signal)
      if (readsOf(within) === 'none') return
      await audit.flush()
      const question = questionOf(
        { ...query, result: query.result ?? ['begun', 'allowed', 'denied', 'failed'] },
        within,
      )
      let after: number | undefined
      const over = createSessionGuard(services, caller)
      do {
        exchange.signal.throwIfAborted()
        // it may take long: what was not finished is cut off, never shown as whole
        const why = over()
        if (why !== undefined) throw new FlotillaError('auth.required', { message: why, remedy: 'Sign in' })
        const found = await store.audit.walk(question, { after, limit: exportPage })
        yield* found.items
        after = found.next
      } while (after !== undefined)
    },
    'audit.recording': async function* ({ params, caller, exchange }) {
      const within = await withinOf(caller.identity, exchange.signal)
      const found = await store.recordings.get(params.recording)
      if (found === undefined || !holds(within, found)) throw noRecording(params.recording)
      for (let number = 0; ; number++) {
        exchange.signal.throwIfAborted()
        const piece = await store.recordings.piece(found.id, number)
        if (piece === undefined) return
        for (const line of Buffer.from(piece).toString().split('\n')) {
          // each was written as one
          if (line !== '') yield JSON.parse(line) as AsciicastLine
        }
      }
    },
    'audit.verification': async () => {
      const last = audit.lastVerification
      return last === undefined ? {} : { last }
    },
    'audit.verify': async () => {
      await audit.flush()
      return await audit.verify()
    },
  }
}

function readsOf(within: AuditQuestion['within'] | 'everywhere'): 'all' | 'some' | 'none' {
  if (within === 'everywhere') return 'all'
  return within === undefined || within.projects.length + within.workspaces.length === 0 ? 'none' : 'some'
}

/** Whether it was made in a place whose audit may be read. */
function holds(within: AuditQuestion['within'] | 'everywhere', { workspaceUid, projectUid }: Recording): boolean {
  if (within === 'everywhere') return true
  if (within === undefined) return false
  return within.projects.includes(projectUid) || within.workspaces.includes(workspaceUid)
}

const noRecording = (id: string): FlotillaError =>
  new FlotillaError('request.not_found', {
    message: 'There is no such recording, it is older than recordings are kept, or you do not read the audit there',
    field: 'recording',
    value: id,
    remedy: 'flotilla audit --verb exec -o json names the recordings that you may read',
  })

function questionOf(filter: AuditFilter, within: AuditQuestion['within'] | 'everywhere'): AuditQuestion {
  const { since, until, person, verb, kind, source, cluster, workspace, project, name, result } = filter
  return {
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
    person,
    verbs: verb,
    kinds: kind,
    sources: source,
    clusters: cluster,
    workspaces: workspace,
    projects: project,
    name,
    results: result,
    within: within === 'everywhere' ? undefined : within,
  }
}

function cursorOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new FlotillaError('input.invalid', {
    message: 'continue is not what a list gave out',
    field: 'continue',
    remedy: 'Ask for the first page again',
  })
}
