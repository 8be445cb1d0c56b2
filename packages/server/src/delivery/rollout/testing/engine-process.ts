import { openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { armFailpoints, listenToFailpoints } from '@flotilla/engine'
import { type EngineOptions, openEngine } from './open-engine.ts'

/** The engine in a process of its own, for tests that kill it. Its options come as JSON in the first argument. */
const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions // written by the test that started it
const record = openSync(options.record, 'a')
listenToFailpoints((name) => writeSync(record, `${name}\n`))
process.on('message', (armed: string) => {
  armFailpoints(armed)
  process.send?.('armed')
})
// nobody is left who would end it
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// now, because a process that is killed keeps nothing
flushCompileCache()
await openEngine(options)
process.send?.('ready')
