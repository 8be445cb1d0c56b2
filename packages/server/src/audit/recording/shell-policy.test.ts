import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ShellRecording } from '@flotilla/model'
import { memoryState } from '../../http/testing/memory-state.ts'
import { project, workspace } from '../../http/testing/http-fixture.ts'
import { parseKubeRequest } from '../kube-request.ts'
import { isKubeletShell, recordingIn, shellAsked } from './shell-policy.ts'

const pod = '/api/v1/namespaces/shop/pods/web'
const asked = (path: string) => parseKubeRequest('GET', path)

describe('which shells are recorded', () => {
  const state = memoryState()
  state.workspaces.put(workspace('retail'))
  state.projects.put(project('shop', 'retail'))
  const cases: readonly (readonly [string, boolean, boolean?])[] = [
    [`${pod}/exec?command=sh&tty=true&stdin=true`, true, true],
    [`${pod}/exec?command=sh&tty=1`, true, true],
    [`${pod}/exec?command=sh&tty=`, true, true],
    [`${pod}/exec?command=sh&tty=false&tty=true`, true, true],
    [`/api//v1/namespaces/shop/pods/web/%65xec?tty=TRUE`, true, true],
    [`${pod}/exec?command=sh&stdin=true`, true, false],
    [`${pod}/attach?tty=true`, true, true],
    [`${pod}/exec?command=ls&stdout=true`, false],
    [`${pod}/exec?command=ls&tty=false&stdin=0`, false],
    [`${pod}/log?tty=true`, false],
    [`/apis/x.dev/v1/namespaces/shop/pods/web/exec?tty=true`, false],
    ['/version?tty=true', false],
  ]
  for (const [path, is, terminal] of cases)
    test(path, () =>
      assert.deepEqual(
        shellAsked(asked(path), {}, state, 'Output'),
        is ? { record: 'Output', terminal: terminal ?? false } : undefined,
      ),
    )

  test('none where nobody asks for it', () =>
    assert.equal(shellAsked(asked(`${pod}/exec?tty=true`), {}, state, undefined), undefined))

  test('what platform, workspace and project ask for together', () => {
    const place = { workspace: 'retail', project: 'shop' }
    const of = (
      platform: ShellRecording | undefined,
      ofWorkspace: ShellRecording | undefined,
      ofProject: ShellRecording | undefined,
    ): ShellRecording => {
      const shells = (record: ShellRecording | undefined) => (record === undefined ? {} : { shells: { record } })
      const [one, two] = [workspace('retail'), project('shop', 'retail')]
      state.workspaces.put({ ...one, spec: { ...one.spec, ...shells(ofWorkspace) } })
      state.projects.put({ ...two, spec: { ...two.spec, ...shells(ofProject) } })
      return recordingIn(place, state, platform)
    }
    assert.equal(of(undefined, undefined, undefined), 'Never')
    assert.equal(of(undefined, undefined, 'Output'), 'Output')
    assert.equal(of(undefined, 'OutputAndInput', 'Never'), 'OutputAndInput')
    assert.equal(of('Output', 'Never', undefined), 'Output')
    assert.equal(recordingIn({ workspace: 'other' }, state, 'Output'), 'Output')
  })

  test("the kubelet's own exec is known as a way around", () => {
    const node = '/api/v1/nodes/n1'
    for (const path of [`${node}/proxy/exec/shop/web/main?command=sh`, `${node}:10250/proxy/%65xec/a/b/c`])
      assert.equal(isKubeletShell(asked(path), path), true)
    for (const path of [`${node}/proxy/metrics`, `${pod}/exec`, node])
      assert.equal(isKubeletShell(asked(path), path), false)
  })
})
