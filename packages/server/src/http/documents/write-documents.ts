import { setTimeout as sleep } from 'node:timers/promises'
import { projectNamespace, workspaceNamespace } from '@flotilla/model'
import type { Caller } from '../handler.ts'
import { type NoteEditor, writeDocument, type WriteMode } from './write-document.ts'

type Outcome = Awaited<ReturnType<typeof writeDocument>>

/** A workspace or project that was just written gets its host namespace and its rights a moment later. */
const waitForNamespaceMs = 15_000
const askAgainMs = 250
const notReadyYet = new Set(['kube.not_found', 'kube.forbidden'])

/**
 * Writes documents in their order as the person, so that a workspace or project may come before what lives in it: what
 * is refused in a namespace that an earlier document brings is tried again, at most for 15 s.
 */
export async function writeDocuments(
  documents: readonly unknown[],
  mode: WriteMode,
  caller: Caller,
  note: NoteEditor,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const coming = new Set<string>()
  const outcomes: Outcome[] = []
  for (const [at, value] of documents.entries()) {
    const write = () => writeDocument({ number: at + 1, value }, mode, caller, note, signal)
    let outcome = await write()
    const deadline = performance.now() + waitForNamespaceMs
    while (!mode.dryRun && isNotReadyYet(outcome, coming) && performance.now() < deadline) {
      await sleep(askAgainMs, undefined, { signal })
      outcome = await write()
    }
    if (outcome.outcome !== 'failed') {
      if (outcome.ref.kind === 'Workspace') coming.add(workspaceNamespace(outcome.ref.name))
      if (outcome.ref.kind === 'Project') coming.add(projectNamespace(outcome.ref.name))
    }
    outcomes.push(outcome)
  }
  return outcomes
}

const isNotReadyYet = ({ outcome, ref, error }: Outcome, coming: ReadonlySet<string>): boolean =>
  outcome === 'failed' && coming.has(ref.namespace) && notReadyYet.has(error?.code ?? '')
