import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import type { KubeClient } from '@flotilla/kube'
import type { KubeObject } from '@flotilla/model'
import { readPodLog } from './run-log.ts'

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'migrate-1', namespace: 'shop' },
  spec: { containers: [{ name: 'first' }, { name: 'second' }, { name: 'third' }] },
}
const telling = { clean: (text: string) => text.replaceAll('hunter2', '•••'), withLog: true }

/** Stands in for a node: the container `first` writes, of the others nothing is ever heard. */
const client = {
  logs: async (_pod: unknown, { container, signal }: { readonly container: string; readonly signal: AbortSignal }) =>
    (async function* () {
      yield Buffer.from(`${container} says hunter2\n`)
      if (container === 'first') return
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    })(),
} as unknown as KubeClient

test('a node that says nothing (simulated) keeps the log of a pod waiting once, not for each container', async () => {
  const { signal } = new AbortController()
  const text = await readPodLog(client, pod, telling, signal, AbortSignal.timeout(30))
  assert.match(text, /^\[first\]\nfirst says •••\n/)
  assert.match(text, /\[second\]\n\[Flotilla could not read this log: its node did not answer in time\]/)
  assert.match(text, /\[third\]\n\[Flotilla could not read this log: its node did not answer in time\]/)
})

test('an effect whose time is over (simulated) ends with it, and leaves no log that says less than there is', async () => {
  await assert.rejects(readPodLog(client, pod, telling, AbortSignal.timeout(30)), { name: 'TimeoutError' })
})
