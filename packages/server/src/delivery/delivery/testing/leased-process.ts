import { createJsonLog } from '@flotilla/engine'
import { ensurePart } from '@flotilla/local'
import { asFlotillaError } from '@flotilla/model'
import { serve } from '../../../serve.ts'
import { parseServeOptions } from '../../../serve-options.ts'

/**
 * The whole server with a lease of seconds, for tests that pause it. Its arguments are those of `flotilla serve`; it
 * ends as that does.
 */
const leaseLimits = { durationMs: 4_000, giveUpMs: 2_500, renewMs: 500 }
try {
  const options = parseServeOptions(process.argv.slice(2), {
    ...process.env,
    FLOTILLA_HELM_WORKER: await ensurePart('helm-worker'),
  })
  await serve(options, {
    log: createJsonLog({ write: (line) => process.stderr.write(`${line}\n`), level: 'info' }),
    env: process.env,
    signal: new AbortController().signal,
    print: (line) => process.stderr.write(`${line}\n`),
    terminal: false,
    leaseLimits,
  })
} catch (thrown) {
  process.stderr.write(`${asFlotillaError(thrown).code}\n`)
  process.exitCode = 1
}
