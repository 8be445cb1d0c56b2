import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Cluster, FlotillaError, known, type KubeObject } from '@flotilla/model'
import { createMemberGuards } from './member-guards.ts'

type Deps = Parameters<typeof createMemberGuards>[0]
const api = 'admissionregistration.k8s.io/v1'
const policies: KubeObject[] = [
  { apiVersion: api, kind: 'ValidatingAdmissionPolicy', metadata: { name: 'a' } },
  { apiVersion: api, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'a' } },
]
const east = { metadata: { name: 'east', uid: 'u' } } as Cluster

/** Takes the guards out of a stand-in of a member that answers so, and says what it was asked. */
async function removeFrom(code: 'kube.not_found' | 'kube.kind_not_served' | 'kube.forbidden' | 'kube.unavailable') {
  const asked: string[] = []
  const member = {
    delete: (key: { kind: string }) => {
      asked.push(key.kind)
      return Promise.reject(new FlotillaError(code, { message: 'no' }))
    },
  }
  const fleet = { client: () => known(member) }
  // only what taking them away needs
  const guards = createMemberGuards({ fleet, clock: {}, log: {} } as unknown as Deps)
  await guards.remove(east, policies, new AbortController().signal)
  return asked
}

test('guards that are not in a member (a stand-in), or that it never knew, hold up nobody who leaves', async () => {
  for (const code of ['kube.not_found', 'kube.kind_not_served', 'kube.forbidden'] as const)
    assert.deepEqual(await removeFrom(code), ['ValidatingAdmissionPolicyBinding', 'ValidatingAdmissionPolicy'])
})

test('guards of a member (a stand-in) that does not answer are tried again', async () => {
  await assert.rejects(removeFrom('kube.unavailable'), { code: 'kube.unavailable' })
})
