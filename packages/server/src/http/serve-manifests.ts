import { FlotillaError } from '@flotilla/model'
import type { FastifyInstance } from 'fastify'
import { type AgentService, manifestPath } from '../fleet/agents/agent-service.ts'

/** What the printed command fetches. Whoever has the code has proven enough: it is good once, and for an hour. */
export function serveManifests(app: FastifyInstance, agents: Pick<AgentService, 'redeem'>): void {
  app.get<{ Params: { code: string } }>(`${manifestPath}:code`, async (request, reply) => {
    const ending = new AbortController()
    request.raw.once('close', () => ending.abort(new Error('the client left')))
    const { code } = request.params
    const manifest = /^flj_[\w-]{20,100}$/.test(code) ? await agents.redeem(code, ending.signal) : undefined
    if (manifest === undefined)
      throw new FlotillaError('request.not_found', {
        message: 'The code was used already, or its hour is over',
        remedy: 'flotilla cluster token NAME gives another command.',
      })
    return await reply.header('cache-control', 'no-store').type('application/yaml; charset=utf-8').send(manifest)
  })
}
