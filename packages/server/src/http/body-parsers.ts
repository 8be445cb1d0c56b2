import { FlotillaError } from '@flotilla/model'
import type { FastifyInstance } from 'fastify'

/** JSON only, in real UTF-8, without keys that reach into prototypes; and bytes for uploads. */
export function bodyParsers(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    } catch {
      done(new FlotillaError('input.invalid', { message: 'The body is not valid UTF-8' }))
      return
    }
    if (text === '') done(null, undefined)
    else void parseJson(request, text, done)
  })
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, bytes, done) => {
    done(null, bytes)
  })
}
