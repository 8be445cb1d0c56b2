import { type Finding, type Rollout, type RolloutStatus, type TargetRef, targetKey } from '@flotilla/model'
import { computeAwaits, computeRolloutConditions } from './conditions.ts'
import { fitTargets } from './fit-targets.ts'
import { clip, type Progress, type Run } from './run.ts'

/** What one decision has to say; what it does not name stays as it was, but what is waited for. */
export interface Said {
  readonly phase?: RolloutStatus['phase']
  readonly reason?: string | undefined
  readonly message?: string | undefined
  readonly waitingFor?: string | undefined
  readonly snapshot?: RolloutStatus['snapshot']
  readonly claim?: RolloutStatus['claim']
  readonly findings?: readonly Finding[] | undefined
  readonly run?: Run | undefined
  readonly progress?: Progress | undefined
}

const endedReasons: ReadonlySet<RolloutStatus['phase']> = new Set([
  'Succeeded',
  'Failed',
  'Aborted',
  'RolledBack',
  'RollbackFailed',
])

/** The status with what is said in it. Times move only when what they speak of did. */
export function composeStatus(object: Rollout, said: Said, now: string): RolloutStatus {
  const before = object.status
  const phase = said.phase ?? before?.phase ?? 'Pending'
  const same = before?.phase === phase && before.reason === said.reason
  const ended = endedReasons.has(phase)
  const waitingFor = ended || said.waitingFor === undefined ? undefined : clip(said.waitingFor, 1024)
  const waitingSince = before?.waitingFor === waitingFor ? (before?.waitingSince ?? now) : now
  const snapshot = said.snapshot ?? before?.snapshot
  const claim = snapshot === undefined && !ended ? (said.claim ?? before?.claim) : undefined
  const findings = said.findings ?? before?.findings
  const left = said.run === undefined ? before?.left : computeLeft(said.run)
  const { progress, run } = said
  const spoken = {
    phase,
    reason: said.reason,
    message: said.message === undefined ? undefined : clip(said.message, 4096),
    waitingFor,
  }
  const at = run === undefined || progress === undefined ? undefined : { run, progress }
  const status: RolloutStatus = {
    observedGeneration: object.metadata.generation,
    conditions: computeRolloutConditions(object, spoken, now),
    phase,
    reason: said.reason,
    message: spoken.message,
    since: same ? (before?.since ?? now) : now,
    waitingFor,
    waitingSince: waitingFor === undefined ? undefined : waitingSince,
    awaits: computeAwaits(spoken, at, before?.awaits),
    startedAt: before?.startedAt ?? (said.snapshot === undefined ? undefined : now),
    endedAt: ended ? (before?.endedAt ?? now) : undefined,
    claim,
    findings: findings === undefined || findings.length === 0 ? undefined : findings.slice(0, 100),
    snapshot,
    stages: progress === undefined ? before?.stages : [...progress.stages],
    targets: progress === undefined ? before?.targets : fitTargets(progress.targets),
    seen: progress === undefined ? before?.seen : progress.seen,
    left: left === undefined || left.length === 0 ? undefined : left,
  }
  return withoutUndefined(status)
}

/** Targets of the application that came after the start. */
function computeLeft({ object, observed, document }: Run): TargetRef[] | undefined {
  // what goes back has the targets that were changed, and no others
  if (document.action === 'Rollback') return undefined
  if (!observed.placed.known) return object.status?.left
  if (object.spec.targets !== undefined) return undefined
  const own = new Set([...document.targets.map(targetKey), ...(document.apart ?? [])])
  return observed.placed.value
    .filter((key) => !own.has(key))
    .slice(0, 100)
    .map((key) => {
      const [cluster = '', namespace = ''] = key.split('/')
      return { cluster, namespace }
    })
}

/** As it is read back from the API server: what is undefined is not there. */
function withoutUndefined(status: RolloutStatus): RolloutStatus {
  const kept = Object.entries(status).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept)
}
