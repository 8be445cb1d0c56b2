import { spawn } from 'node:child_process'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeFile } from 'node:fs/promises'
import { registryPath } from './parts.ts'

export interface TestServer {
  readonly host: string
  readonly port: number
  /** `METHOD path` and the authorization of each request. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[]
  close(): Promise<void>
}

/** A server of our own on this machine; what it was asked is kept. */
export async function serveHttp(listener: RequestListener, tls?: { key: string; cert: string }): Promise<TestServer> {
  const requests: TestServer['requests'] = []
  const listen: RequestListener = (request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization })
    listener(request, response)
  }
  const server = tls === undefined ? createServer(listen) : createTlsServer(tls, listen)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    host: `127.0.0.1:${port}`,
    port,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The real registry, with an `auth` section of its configuration. */
export async function startRegistry(folder: string, auth?: object): Promise<{ host: string; close(): Promise<void> }> {
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const config = join(folder, `registry-${port}.json`)
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(folder, `registry-${port}`) } },
      http: { addr: host },
      ...(auth === undefined ? {} : { auth }),
    }),
  )
  const child = spawn(await registryPath(), ['serve', config], {
    stdio: 'ignore',
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_SDK_DISABLED: 'true' },
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  for (let i = 0; i < 200; i++) {
    const answer = await fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined)
    if (answer !== undefined) break
    await sleep(50)
  }
  return {
    host,
    async close() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = await serveHttp(() => undefined)
  await server.close()
  return server.port
}

/** Serves repositories below a folder through git's own `http-backend`. */
export function gitBackend(root: string, execPath: string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const child = spawn(join(execPath, 'git-http-backend'), [], {
      env: {
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        GIT_CONFIG_COUNT: '2',
        GIT_CONFIG_KEY_0: 'uploadpack.allowAnySHA1InWant',
        GIT_CONFIG_VALUE_0: 'true',
        GIT_CONFIG_KEY_1: 'safe.directory',
        GIT_CONFIG_VALUE_1: '*',
        PATH: process.env['PATH'],
      },
    })
    request.pipe(child.stdin)
    void answerFrom(child.stdout, response)
  }
}

async function answerFrom(output: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of output) chunks.push(chunk)
  const all = Buffer.concat(chunks)
  const end = all.indexOf('\r\n\r\n')
  for (const line of all.toString('latin1', 0, end).split('\r\n')) {
    const [name = '', value = ''] = line.split(': ')
    if (name === 'Status') response.statusCode = Number(value.split(' ')[0])
    else response.setHeader(name, value)
  }
  response.end(all.subarray(end + 4))
}
