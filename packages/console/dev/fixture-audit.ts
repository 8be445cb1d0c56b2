import type { AsciicastLine, AuditRecord, AuditVerification } from '@flotilla/api'
import type { Answers } from './fixture-answers.ts'

const recordingId = '6e2a4c1e-8d0f-4a57-9b3c-2f1d7c5e9a10'

/** A made-up recording of a shell. */
export const castLines: readonly AsciicastLine[] = [
  { version: 2, width: 60, height: 12, timestamp: 1_767_225_600, title: 'dora in east / shop / web-7d9c-x2k4 / web' },
  [0.2, 'o', '$ '],
  [1, 'o', 'ls\r\n'],
  [1.2, 'r', '70x14'],
  [90, 'o', '\u001b]0;not the title\u0007secrets.txt\r\n$ '],
]

/** A made-up audit, newest first; records are numbered up to 120. */
const people = ['ada', 'dora', 'omar', 'flotilla', ''] as const
const deeds: readonly Pick<AuditRecord, 'verb' | 'source' | 'result' | 'target' | 'code' | 'details' | 'changes'>[] = [
  {
    verb: 'applications.revert',
    source: 'api',
    result: 'allowed',
    target: { kind: 'Application', name: 'shop', project: 'shop', workspace: 'retail' },
    details: { revision: 39 },
  },
  {
    verb: 'exec',
    source: 'kubernetes',
    result: 'begun',
    target: { kind: 'pods/exec', name: 'web-7d9c-x2k4', namespace: 'shop-prod', cluster: 'east', project: 'shop' },
    details: { command: 'sh', container: 'web', recorded: 'Output', recording: recordingId },
  },
  {
    verb: 'patch',
    source: 'kubernetes',
    result: 'allowed',
    target: {
      kind: 'deployments',
      group: 'apps',
      name: 'web',
      namespace: 'shop-prod',
      cluster: 'west',
      project: 'shop',
    },
    changes: [
      { path: 'spec.replicas', before: '2', after: '6' },
      { path: 'spec.template.spec.containers[web].env[DB_PASSWORD].value', before: '(secret)', after: '(secret)' },
      { path: 'metadata.annotations.note', after: '"Black Friday"' },
    ],
  },
  {
    verb: 'delivery.apply',
    source: 'controller',
    result: 'failed',
    target: { kind: 'Application', name: 'shop', namespace: 'shop-prod', cluster: 'edge-07', project: 'shop' },
    details: { revision: 41, objects: 12, failed: 1, because: 'dora' },
  },
  { verb: 'session.signIn', source: 'api', result: 'denied', code: 'auth.failed', target: {} },
]
const newest = 120

function recordAt(sequence: number): AuditRecord {
  const at = newest - sequence
  const deed = deeds[at % deeds.length] ?? deeds[0]
  if (deed === undefined) throw new Error('the fixture has no deeds')
  return {
    sequence,
    hash: sequence.toString(16).padStart(64, '0'),
    request: `00000000-0000-4000-8000-${String(sequence).padStart(12, '0')}`,
    at: new Date(Date.now() - at * 400_000).toISOString(),
    actor: { name: people[at % people.length] ?? '', groups: ['flotilla:platform:admin'], address: '10.0.0.7' },
    ...deed,
  }
}

const verification: AuditVerification = {
  state: 'intact',
  at: new Date().toISOString(),
  records: newest,
  oldest: 1,
  anchors: { compared: 9 },
}

export function auditAnswers(): Answers {
  return {
    'audit.list': ({ query }) => {
      const before = Number(query.get('continue') ?? newest + 1)
      const limit = Number(query.get('limit') ?? 100)
      const [person, results] = [query.get('person'), query.getAll('result')]
      const found = Array.from({ length: before - 1 }, (_, at) => recordAt(before - 1 - at))
        .filter((record) => person === null || record.actor.name === person)
        .filter((record) => results.length === 0 || results.includes(record.result))
      const items = found.slice(0, limit)
      const last = items.at(-1)
      return {
        items,
        reads: 'all',
        ...(found.length > limit && last !== undefined ? { continue: String(last.sequence) } : {}),
      }
    },
    'audit.verification': () => ({ last: verification }),
    'audit.verify': () => ({ ...verification, at: new Date().toISOString() }),
  }
}
