import { readFile, realpath } from 'node:fs/promises'
import type { ImageFile } from './image.ts'
import { runCommand } from './run-command.ts'

/** Programs of this machine by their path in an image. */
export type Programs = Readonly<Record<string, string>>

/** Programs with the libraries that they need, as files of an image; without those that it has. */
export async function readPrograms(programs: Programs, has: readonly ImageFile[] = []): Promise<ImageFile[]> {
  const there = new Set(has.map((file) => file.path))
  const files = new Map<string, ImageFile>()
  for (const [path, program] of Object.entries(programs)) {
    const real = await realpath(program)
    files.set(path, { path, content: await readFile(real), mode: 0o755 })
    for (const library of await librariesOf(real))
      if (!there.has(library) && !files.has(library))
        files.set(library, { path: library, content: await readFile(library), mode: 0o755 })
  }
  return [...files.values()]
}

/** Absolute paths, the loader among them; none of a program that is whole in itself. */
async function librariesOf(program: string): Promise<string[]> {
  const listed = await runCommand(['ldd', program])
  if (/not a dynamic executable|statically linked/.test(listed.stdout + listed.stderr)) return []
  if (listed.code !== 0) throw new Error(`ldd ${program}: ${listed.stderr.trim().slice(-500)}`)
  const lost = /(\S+) => not found/.exec(listed.stdout)
  if (lost !== null) throw new Error(`${program} needs ${lost[1]}, which this machine does not have`)
  return [...listed.stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file = '']) => file)
}

const nodePath = '/usr/local/bin/node'

/** The Node that runs this, for an image, and how it finds names. */
export async function readNode(): Promise<ImageFile[]> {
  return [
    ...(await readPrograms({ [nodePath]: process.execPath })),
    // without it names of /etc/hosts are looked up last
    { path: '/etc/nsswitch.conf', content: Buffer.from('hosts: files dns\n') },
  ]
}

/** The Node of an image with its own first arguments. */
export const nodeCommand = (...args: string[]): string[] => [nodePath, ...args]

/** Numeric, as `runAsNonRoot` can judge nothing else. */
export const nobody = '65532:65532'
