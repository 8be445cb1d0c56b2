import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { ensurePart } from '@flotilla/local'
import { findProcess } from '../../delivery/testing/find-process.ts'
import type { EngineOptions } from './open-engine.ts'

const mostMs = 60_000

/** The engine as a process that is started, told where to die, and started again over the same data. */
export class EngineChild {
  readonly options: EngineOptions
  #child: ChildProcess | undefined
  #said = ''
  /** Resolves with the failpoint at which the process that runs now has died; rejects when it ended in any other way. */
  died: Promise<string> = Promise.reject(new Error('no engine runs'))

  constructor(options: EngineOptions) {
    this.options = options
    this.died.catch(() => 'it is started first')
  }

  /** @param armed `name:pass`, counted from its start */
  async start(armed?: string): Promise<void> {
    const env = { ...process.env, FLOTILLA_HELM_WORKER: await ensurePart('helm-worker') }
    const child = spawn(process.execPath, [findProcess('engine-process'), JSON.stringify(this.options)], {
      env: armed === undefined ? env : { ...env, FLOTILLA_FAILPOINTS: armed },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = `${this.#said}${chunk.toString('utf8')}`.slice(-20_000)
    })
    this.died = once(child, 'close').then(() => {
      const point = /^failpoint (\S+)$/m.exec(this.#said)?.[1]
      if (point === undefined) throw new Error(`the engine ended by itself: ${this.#said}`)
      return point
    })
    // whoever waits for it is told; a process that the test itself ends interests nobody
    this.died.catch(() => 'told')
    await Promise.race([once(child, 'message'), this.died, this.#fails('start')])
  }

  async #fails(what: string): Promise<never> {
    await wait(mostMs, undefined, { ref: false })
    throw new Error(`the engine did not ${what} within ${mostMs / 1000} s: ${this.#said}`)
  }

  /** From now on, in the process that runs; tells where it died instead of hearing of it. */
  async arm(armed: string): Promise<string | undefined> {
    const child = this.#child
    if (child === undefined) throw new Error('no engine runs')
    const heard = once(child, 'message').then(() => undefined)
    child.send(armed)
    return await Promise.race([heard, this.died, this.#fails('hear')])
  }

  /** Every failpoint that was passed, by all of its processes, in order. */
  async passed(): Promise<string[]> {
    const text = await readFile(this.options.record, 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }

  async stop(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await this.died.catch(() => 'it was asked to')
  }
}
