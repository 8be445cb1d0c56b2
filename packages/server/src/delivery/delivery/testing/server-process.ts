import { flushCompileCache } from 'node:module'
import { openServer, type ServerOptions } from './open-server.ts'

/** A server in a process of its own, for tests that kill it. Its options come as JSON in the first argument. */
const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions // written by the test that started it
// now, because a process that is killed keeps nothing
flushCompileCache()
await openServer(options)
process.stdout.write('ready\n')
