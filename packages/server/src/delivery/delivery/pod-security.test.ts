import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'
import { asPodSecurityFailure, findPodSecurityFailure } from './pod-security.ts'

const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' }
const warning =
  'would violate PodSecurity "baseline:latest": hostPath volumes (volume "v"), privileged (container "main" must not set securityContext.privileged=true)'
const signal = new AbortController().signal
const client = (enforce: string | undefined): Pick<KubeClient, 'find'> => ({
  find: async <T extends KubeObject>() => {
    const labels = enforce === undefined ? {} : { 'pod-security.kubernetes.io/enforce': enforce }
    // the only object that is asked for
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } } as unknown as T
  },
})

describe('what Pod Security has against an object', () => {
  test('is a failure with object, field and remedy where the level is enforced', async () => {
    const failure = await findPodSecurityFailure(client('baseline'), ref, ['deprecated', warning], signal)
    assert.match(
      failure?.message ?? '',
      /^Deployment shop\/web: .* level baseline, .*container "main" .*privileged=true/,
    )
    assert.match(failure?.remedy ?? '', /spec\.podSecurity/)
  })

  test('is none where the namespace enforces another level, or none', async () => {
    for (const level of ['privileged', 'restricted', undefined]) {
      assert.equal(await findPodSecurityFailure(client(level), ref, [warning], signal), undefined)
    }
    assert.equal(await findPodSecurityFailure(client('baseline'), ref, ['deprecated'], signal), undefined)
  })

  test('is read from the refusal of a Pod as well', () => {
    const pod = { ...ref, group: '', kind: 'Pod' }
    const message =
      'Cluster east: pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'
    assert.match(asPodSecurityFailure(pod, message)?.message ?? '', /level restricted, .*runAsNonRoot != true$/)
    assert.equal(asPodSecurityFailure(pod, 'exceeded quota: q'), undefined)
  })
})
