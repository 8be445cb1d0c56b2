import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'

/** Reads the table under "## Packages" of ARCHITECTURE.md: package -> packages it may import. */
async function readTable(): Promise<Map<string, Set<string>>> {
  const page = await readFile('ARCHITECTURE.md', 'utf8')
  const allowed = new Map<string, Set<string>>()
  for (const line of page.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim())
    const [, name, , imports] = cells
    if (cells.length !== 5 || name === undefined || imports === undefined) continue
    if (name === 'Package' || name.startsWith('---')) continue
    allowed.set(name, new Set(imports === '-' ? [] : imports.split(',').map((word) => word.trim())))
  }
  return allowed
}

async function readImports(): Promise<{ from: string; to: string; file: string; test: boolean; byPath: boolean }[]> {
  const found = []
  for await (const file of glob('packages/*/src/**/*.{ts,tsx}')) {
    const from = file.split('/')[1] ?? ''
    const text = await readFile(file, 'utf8')
    for (const match of text.matchAll(/(?:from|import)\s*\(?\s*['"]@flotilla\/([a-z]+)(\/[^'"]*)?['"]/g)) {
      found.push({ from, to: match[1] ?? '', file, test: /\.test\.tsx?$|\/testing\//.test(file), byPath: false })
    }
    for (const match of text.matchAll(/(?:from|import)\s*\(?\s*['"]((?:\.\.\/)+[^'"]+)['"]/g)) {
      const target = new URL(match[1] ?? '', `file:///${file}`).pathname.split('/')
      if (target[1] === 'packages' && target[2] !== from)
        found.push({ from, to: target[2] ?? '', file, test: false, byPath: true })
    }
  }
  return found
}

describe('the import graph', () => {
  test('follows the table in ARCHITECTURE.md', async () => {
    const allowed = await readTable()
    assert.ok(allowed.size >= 10, 'the table was not found')
    const imports = await readImports()
    assert.ok(imports.length > 20, 'no imports were found')
    const wrong = imports
      .filter(({ from, to, test }) => from !== to && !allowed.get(from)?.has(to) && !(test && to === 'local'))
      .map(({ file, to }) => `${file} imports ${to}`)
    assert.deepEqual(wrong, [])
  })

  test('goes from package to package by name, never by a path', async () => {
    const byPath = (await readImports()).filter((one) => one.byPath).map(({ file, to }) => `${file} reaches into ${to}`)
    assert.deepEqual(byPath, [])
  })

  test('has a row for every package', async () => {
    const allowed = await readTable()
    const packages: string[] = []
    for await (const file of glob('packages/*/package.json')) packages.push(file.split('/')[1] ?? '')
    assert.deepEqual(packages.toSorted(), [...allowed.keys()].toSorted())
  })

  test('keeps server and kube out of the browser', async () => {
    const imports = await readImports()
    const wrong = imports.filter(
      ({ from, to }) => ['console', 'api', 'model'].includes(from) && ['server', 'kube', 'engine'].includes(to),
    )
    assert.deepEqual(wrong, [])
  })
})
