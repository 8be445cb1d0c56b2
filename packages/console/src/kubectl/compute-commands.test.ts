import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { computeCommands } from './compute-commands.ts'

describe('the commands for kubectl', () => {
  test('name the server, the person and the cluster', () => {
    assert.deepEqual(computeCommands({ origin: 'https://flotilla.example', user: 'dora', cluster: 'east' }), {
      login: 'flotilla login https://flotilla.example -u dora',
      kubeconfig: 'flotilla kubeconfig --cluster east',
      use: 'kubectl --context flotilla-east get pods',
    })
  })
  test('are for every cluster when none is named', () => {
    const { kubeconfig, use } = computeCommands({ origin: 'https://a.example', user: undefined, cluster: undefined })
    assert.deepEqual([kubeconfig, use], ['flotilla kubeconfig', 'kubectl config get-contexts'])
  })
  test('say what plain http to another machine takes', () => {
    const login = (origin: string) => computeCommands({ origin, user: undefined, cluster: undefined }).login
    assert.equal(login('http://10.0.0.5:7480'), 'flotilla login http://10.0.0.5:7480 --allow-http')
    assert.equal(login('http://127.0.0.1:7480'), 'flotilla login http://127.0.0.1:7480')
  })
})
