import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { basePath } from '@flotilla/api'
import type { FastifyInstance } from 'fastify'

/** Serves the built console. Files with a hash in their name never change; every other address is one of its pages. */
export async function serveConsole(app: FastifyInstance, folder: string | undefined): Promise<void> {
  if (folder === undefined || (await stat(join(folder, 'index.html')).catch(() => undefined)) === undefined) {
    app.get('/', async (_request, reply) => {
      reply.type('text/plain; charset=utf-8')
      return 'Flotilla runs. Its console is not built: run `npm run build` in packages/console.\n'
    })
    return
  }
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    preCompressed: true,
    index: false,
    setHeaders: (response, path) => {
      response.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const page = async (request: { url: string }, reply: import('fastify').FastifyReply) => {
    const path = request.url.split('?')[0] ?? '/'
    if (path.startsWith(basePath) || path.startsWith('/assets/')) return reply.callNotFound()
    return await reply.sendFile('index.html')
  }
  app.get('/', page)
  app.get('/*', page)
}
