/** Writes packages/api/openapi.json from the contract: `node packages/api/src/emit-openapi.ts`. */
import { readFile, writeFile } from 'node:fs/promises'
import { anyRoutes } from './contract.ts'
import { openApiDocument } from './openapi.ts'

export async function openApiText(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : ''
  return `${JSON.stringify(openApiDocument(anyRoutes, version), undefined, 2)}\n`
}

if (import.meta.main) await writeFile(new URL('../openapi.json', import.meta.url), await openApiText())
