import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseAgentOptions } from './agent-options.ts'

const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
const least = ['--server', 'https://flotilla.example', '--cluster', 'east', '--token-file', 'token']

describe('the options of the agent', () => {
  test('hold the server, the cluster and the API server that the kubelet names', () => {
    const options = parseAgentOptions([...least, '--token-secret', 'flotilla-system/flotilla-agent'], env)
    assert.equal(options.server.host, 'flotilla.example')
    assert.deepEqual(options.apiServer, { host: '10.96.0.1', port: 443 })
    assert.deepEqual(options.tokenSecret, { namespace: 'flotilla-system', name: 'flotilla-agent' })
    assert.equal(options.healthPort, undefined)
  })

  const wrong: readonly (readonly [name: string, args: readonly string[], says: RegExp])[] = [
    ['no server', least.slice(2), /^OptionError: --server is missing/],
    [
      'plain HTTP, which everybody on the way reads',
      ['--server', 'http://a', ...least.slice(2)],
      /^OptionError: --server has to be https/,
    ],
    ['a path', ['--server', 'https://a/b', ...least.slice(2)], /^OptionError: --server/],
    ['a password in the address', ['--server', 'https://u:p@a', ...least.slice(2)], /^OptionError: --server/],
    ['no cluster', [...least.slice(0, 2), ...least.slice(4)], /^OptionError: --cluster is missing/],
    ['a Secret without a namespace', [...least, '--token-secret', 'x'], /^OptionError: --token-secret/],
    ['no port', [...least, '--health-port', '70000'], /^OptionError: --health-port/],
    ['an option that there is not', [...least, '--what'], /--what/],
  ]
  for (const [name, args, says] of wrong)
    test(`refuse ${name}, naming it`, () => {
      assert.throws(() => parseAgentOptions(args, env), says)
    })

  test('refuse to run outside of a pod', () => {
    assert.throws(() => parseAgentOptions(least, {}), /^OptionError: KUBERNETES_SERVICE_HOST is not set/)
  })
})
