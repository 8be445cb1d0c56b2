import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readContainers } from './read-containers.ts'
import { execPath } from './exec-address.ts'
import { readEnd, readRefusal } from './shell-end.ts'

const failure = (message: string, more: object = {}): string => JSON.stringify({ status: 'Failure', message, ...more })
const exit = (code: string) => ({
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: code }] },
})

describe('the end of a shell', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['that went well', '{"metadata":{},"status":"Success"}', ['exited', 0]],
    ['with an exit code', failure('command terminated with non-zero exit code', exit('130')), ['exited', 130]],
    [
      'in an image without a shell',
      failure(
        'Internal error occurred: error executing command in container: failed to exec in container: OCI runtime exec failed: unable to start container process: exec: "sh": executable file not found in $PATH',
      ),
      ['refused', 'no-shell'],
    ],
    ['whose container stopped', failure('container not found ("web")'), ['refused', 'no-pod']],
    [
      'whose connection to the cluster was lost',
      failure('The connection to cluster east was lost', { code: 500 }),
      ['lost'],
    ],
    ['in words of something else', 'gateway went away', ['lost']],
  ]
  for (const [what, text, expected] of cases)
    test(what, () => {
      const end = readEnd(text)
      const said = end.kind === 'exited' ? [end.code] : end.kind === 'refused' ? [end.refusal.why] : []
      assert.deepEqual([end.kind, ...said], expected)
    })
})

describe('a shell that was not opened', () => {
  const cases: readonly (readonly [number, string, string | undefined])[] = [
    [401, '{}', 'signed-out'],
    [403, failure('pods "web" is forbidden'), 'forbidden'],
    [404, failure('pods "web" not found'), 'no-pod'],
    [400, failure('container x is not valid for pod web'), 'no-pod'],
    [400, failure('a container name must be specified'), 'other'],
    [400, failure('Upgrade request required'), undefined],
    [502, '<html>', undefined],
    [503, failure('Not opened, since it could not be recorded'), 'other'],
    [200, '{}', undefined],
  ]
  for (const [status, text, why] of cases)
    test(`${status} ${text}`, () => assert.equal(readRefusal(status, text)?.why, why))
})

describe('where a shell is opened', () => {
  test('is said in the address, whatever the names', () => {
    const path = execPath({ cluster: 'east', namespace: 'shop', pod: 'a/b?c', container: 'w&b', shell: 'sh' })
    const { pathname, searchParams } = new URL(path, 'http://console')
    assert.equal(pathname, '/k8s/clusters/east/api/v1/namespaces/shop/pods/a%2Fb%3Fc/exec')
    assert.deepEqual(
      [searchParams.get('tty'), searchParams.get('container'), searchParams.getAll('command')[0]],
      ['true', 'w&b', 'sh'],
    )
  })
  test('offers containers that run, the one that the author meant first', () => {
    const pod = {
      metadata: { annotations: { 'kubectl.kubernetes.io/default-container': 'web' } },
      spec: {
        containers: [{ name: 'proxy' }, { name: 'web' }],
        initContainers: [{ name: 'migrate' }, { name: 'sidecar' }],
      },
      status: {
        initContainerStatuses: [
          { name: 'migrate', state: { terminated: {} } },
          { name: 'sidecar', state: { running: {} } },
        ],
      },
    }
    assert.deepEqual(readContainers(pod), ['web', 'proxy', 'sidecar'])
    assert.deepEqual(readContainers({}), [])
    assert.deepEqual(readContainers(null), [])
  })
})
