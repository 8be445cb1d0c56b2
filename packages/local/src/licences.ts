import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { runChecked } from './run-command.ts'

const licenceFile = /^(licen[cs]e|copying|notice|patents|authors)([-.].*)?$/i

/**
 * The licences of every module that Go binaries were made of, as the binaries themselves name them, read from the
 * module cache. A text that many share stands once.
 */
export async function collectLicences(binaries: readonly string[]): Promise<string> {
  const cache = (await runChecked(['go', 'env', 'GOMODCACHE'])).trim()
  const modules = new Set<string>()
  for (const binary of binaries) for (const module of await readModules(binary)) modules.add(module)
  const texts = new Map<string, { text: string; users: string[] }>()
  for (const module of [...modules].sort()) {
    const dir = path.join(cache, escapeModule(module))
    const files = (await readdir(dir).catch(() => [])).filter((name) => licenceFile.test(name))
    for (const file of files) {
      const text = await readFile(path.join(dir, file), 'utf8').catch(() => '')
      const key = createHash('sha256').update(text.trim()).digest('hex')
      const entry = texts.get(key) ?? { text, users: [] }
      entry.users.push(`${module} (${file})`)
      texts.set(key, entry)
    }
  }
  return [...texts.values()]
    .map(({ text, users }) => `${users.join('\n')}\n\n${text.trim()}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** `module@version` of everything in a binary; what replaces a module stands for it. */
async function readModules(binary: string): Promise<string[]> {
  const rows = (await runChecked(['go', 'version', '-m', binary])).split('\n').map((line) => line.trim().split('\t'))
  const modules: string[] = []
  for (const [kind, name, version] of rows) {
    if (kind === '=>') modules.pop()
    if ((kind === 'dep' || kind === '=>') && name !== undefined && version !== undefined)
      modules.push(`${name}@${version}`)
  }
  return modules
}

/** Go's module cache writes a capital letter as `!` and its small one (Go modules reference, "Module cache"). */
const escapeModule = (module: string): string => module.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)
