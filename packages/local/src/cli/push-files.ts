import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { FlotillaError } from '@flotilla/model'
import type { Fleet } from '../fleet.ts'
import { buildImage, type ImageFile } from '../image.ts'

const largestFile = 1 << 30

/** Makes an image of files and pushes it. `PATH=FILE` puts a file at a path; a bare FILE goes to `/`. The first is run. */
export async function pushFiles(fleet: Fleet, name: string, specs: readonly string[]): Promise<string> {
  const files = await Promise.all(specs.map(readSpec))
  const first = files[0]
  await fleet.registry.pushImage(name, buildImage(files, { entrypoint: first === undefined ? [] : [first.path] }))
  return `Pushed ${name} to ${fleet.registry.address}; use it in pods as \`image: ${name}\`.`
}

async function readSpec(spec: string): Promise<ImageFile> {
  const at = spec.startsWith('/') ? spec.indexOf('=') : -1
  const file = at < 0 ? spec : spec.slice(at + 1)
  const inside = at < 0 ? `/${path.basename(spec)}` : spec.slice(0, at)
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true || found.size > largestFile) {
    throw new FlotillaError('input.invalid', {
      field: 'FILES',
      value: spec,
      message: found === undefined ? 'There is no such file' : 'It is not a file of at most 1 GiB',
      remedy: 'Name files, as FILE or /PATH/INSIDE=FILE.',
    })
  }
  return { path: inside, content: await readFile(file), mode: found.mode & 0o777 }
}
