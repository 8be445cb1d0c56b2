import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { ApiClient } from '@flotilla/api'
import type { KubectlPerson } from './kubectl-person.ts'
import { until } from './prepare-project.ts'
import { workInShell } from './work-in-shell.ts'

interface Parts {
  readonly api: ApiClient
  /** Command line of the administrator. */
  readonly admin: (...args: string[]) => Promise<{ code: number; output: string }>
  readonly person: KubectlPerson
  readonly pod: string
  /** Sets what the project asks for. */
  readonly record: (what: 'Never' | 'Output') => Promise<void>
}

/** A real shell with and without the policy: what the person is told, what is kept, who reads it, what is refused. */
export async function checkRecording({ api, admin, person, pod, record }: Parts): Promise<void> {
  const exec = async () =>
    (await api.audit.list({ query: { person: person.name, verb: ['exec'], result: ['allowed'], limit: 1 } })).items[0]

  const free = await workInShell(person, pod)
  assert.equal(free.code, 3, free.text)
  assert.doesNotMatch(free.text, /recorded/)
  assert.equal((await exec())?.details?.['recording'], undefined)

  await record('Output')
  // the server's watch has to tell of it first
  let recorded = await workInShell(person, pod)
  await until(async () => {
    if (!recorded.text.includes('recorded')) recorded = await workInShell(person, pod)
    return recorded.text.includes('recorded')
  })
  assert.equal(recorded.code, 3, recorded.text)
  assert.match(recorded.text, /This shell is recorded: what it shows\.[\s\S]*marked-42/)
  const id = String((await exec())?.details?.['recording'])
  const told = await admin('audit', 'recording', id)
  assert.equal(told.code, 0, told.output)
  assert.match(told.output, /^\{"version":2,/)
  assert.ok(told.output.includes('marked-42') && told.output.includes(`${person.name} in east`))
  const sha256 = createHash('sha256').update(told.output).digest('hex')
  assert.equal((await exec())?.details?.['recordingSha256'], sha256)
  // who works in a project does not read its audit
  assert.notEqual((await person.flotilla('audit', 'recording', id)).code, 0)

  const spdy = await workInShell(person, pod, { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' })
  assert.match(spdy.text, /Shells are recorded here.*kubectl 1\.31/s)
  assert.doesNotMatch(spdy.text, /marked-42/)
  // a command that takes no input is in the audit whole
  const plain = await person.kubectl('flotilla-east', 'exec', pod, '--', 'echo', 'plain')
  assert.deepEqual([plain.code, plain.output.trim()], [0, 'plain'])
}
