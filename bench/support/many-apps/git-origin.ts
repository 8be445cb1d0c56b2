import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runProgram } from '../../../e2e/support/run-program.ts'
import { gitBackend, serveHttp } from '../../../packages/render/src/testing/servers.ts'
import { chartFiles, valuesFile } from './app-charts.ts'

/** A repository with a folder `apps/NAME` per application, and the host that gives it out. */
export interface GitOrigin extends AsyncDisposable {
  readonly url: string
  readonly host: string
  /** The work tree: what a person has checked out. */
  readonly folder: string
  /** Gives these applications this version, in one commit. @returns the commit */
  commit(names: readonly string[], version: string): Promise<string>
}

export const pathOf = (name: string): string => `apps/${name}`

/** The same names give the same commits. Answers are kept until the next commit, so that the host costs nobody anything. */
export async function openGitOrigin(names: readonly string[], image: string): Promise<GitOrigin> {
  const root = await mkdtemp(path.join(tmpdir(), 'flotilla-bench-git-'))
  const folder = path.join(root, 'fleet.git')
  await mkdir(folder)
  const env = { GIT_AUTHOR_DATE: fixedDate, GIT_COMMITTER_DATE: fixedDate, GIT_CONFIG_GLOBAL: '/dev/null' }
  const git = async (...args: string[]): Promise<string> => {
    const { code, output } = await runProgram('git', ['-C', folder, ...identity, ...args], env)
    if (code !== 0) throw new Error(`git ${args[0]}: ${output}`)
    return output.trim()
  }
  await git('init', '--quiet', '--initial-branch=main')
  for (const name of names) {
    for (const [file, text] of Object.entries(chartFiles(name, image))) {
      const to = path.join(folder, pathOf(name), file)
      await mkdir(path.dirname(to), { recursive: true })
      await writeFile(to, text)
    }
  }
  const inner = await serveHttp(gitBackend(root, await git('--exec-path')))
  const kept = new Map<string, Kept>()
  const outer = await serveHttp((request, response) => {
    void answerFromMemory({ at: `http://${inner.host}`, kept }, request, response).catch(() => response.destroy())
  })
  return {
    url: `http://${outer.host}/fleet.git`,
    host: outer.host,
    folder,
    async commit(changed, version) {
      for (const name of changed) await writeFile(path.join(folder, pathOf(name), 'values.yaml'), valuesFile(version))
      await git('add', '--all')
      await git('commit', '--quiet', '--message', `Version ${version} of ${changed.length} applications`)
      await git('gc', '--quiet')
      kept.clear()
      return git('rev-parse', 'HEAD')
    },
    [Symbol.asyncDispose]: async () => {
      await outer.close()
      await inner.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

const fixedDate = '2026-01-01T00:00:00Z'
const identity = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgSign=false']

interface Kept {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

interface Host {
  readonly at: string
  readonly kept: Map<string, Kept>
}

const passed = ['content-type', 'content-encoding', 'git-protocol'] as const

async function answerFromMemory({ at, kept }: Host, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const { method = 'GET', url = '/', headers } = request
  const asked = Object.fromEntries(
    passed.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  )
  const key = JSON.stringify([method, url, asked, body.toString('base64')])
  let answer = kept.get(key)
  if (answer === undefined) {
    const found = await fetch(at + url, {
      method,
      headers: asked as Record<string, string>,
      ...(method === 'GET' ? {} : { body }),
    })
    const type = found.headers.get('content-type') ?? ''
    answer = { status: found.status, type, body: Buffer.from(await found.arrayBuffer()) }
    kept.set(key, answer)
  }
  response.writeHead(answer.status, { 'content-type': answer.type, 'content-length': answer.body.length })
  response.end(answer.body)
}
