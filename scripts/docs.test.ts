import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import * as model from '../packages/model/src/index.ts'
import { parseYaml } from '../packages/render/src/index.ts'
import { judgeCommand, listCommands, splitLine } from './judge-command.ts'
import { anchorsOf, blocksOf, readPages } from './read-pages.ts'

/** What people are told is so: examples parse, commands and options exist, links lead somewhere. */
const pages = await readPages()
const blocks = pages.flatMap(blocksOf)
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** `path: ./folder` is for `flotilla apply`, which uploads the folder and writes its digest there. */
function withUploads(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUploads)
  if (!isRecord(value)) return value
  const { path: folder, ...rest } = value
  const keys = Object.keys(value)
  if (typeof folder === 'string' && keys.length === 1) return { upload: { digest: `sha256:${'0'.repeat(64)}` } }
  return Object.fromEntries(Object.entries(folder === undefined ? rest : value).map(([k, v]) => [k, withUploads(v)]))
}

/** Fields that were written and are not in what was understood: the schema does not know them. */
function findLost(given: unknown, parsed: unknown, at = ''): string[] {
  if (Array.isArray(given) && Array.isArray(parsed))
    return given.flatMap((item, index) => findLost(item, parsed[index], `${at}[${index}]`))
  if (!isRecord(given) || !isRecord(parsed)) return []
  return Object.entries(given).flatMap(([key, value]) =>
    Object.hasOwn(parsed, key) ? findLost(value, parsed[key], `${at}.${key}`) : [`${at}.${key}`],
  )
}

type Schema = Parameters<typeof model.parseInput>[0]
const schemaNamed = (name: string): Schema | undefined => {
  const found: unknown = Reflect.get(model, name)
  return isRecord(found) && 'safeParse' in found ? (found as unknown as Schema) : undefined
}

function judge(name: string, document: unknown): string | undefined {
  const schema = schemaNamed(name)
  if (schema === undefined) return `there is no ${name}`
  const given = withUploads(document)
  const lost = findLost(given, model.parseInput(schema, given))
  return lost.length === 0 ? undefined : `unknown fields: ${lost.join(', ')}`
}

/** Where an object of a kind lives in the host. */
function judgePlace(document: Record<string, unknown>): string | undefined {
  const kind = model.kinds.find((one) => one.kind === document['kind'])
  const { metadata } = document
  const given = isRecord(metadata) ? metadata['namespace'] : undefined
  const namespace = typeof given === 'string' ? given : ''
  if (kind?.scope !== 'Namespaced') return namespace === '' ? undefined : 'it has no namespace'
  const places: Record<string, RegExp> = { Project: /^ws-.+$/, Membership: /^((ws|pj)-.+|flotilla-system)$/ }
  const place = places[kind.kind] ?? /^pj-.+$/
  return place.test(namespace) ? undefined : `its namespace is not ${place.source}`
}

describe('examples in the documents', () => {
  const examples = blocks.filter(({ language }) => language === 'yaml')

  test('there are some', () => assert.ok(examples.length >= 10, `${examples.length}`))

  for (const { at, part, text } of examples) {
    test(`${at} is understood whole`, async () => {
      const documents = await parseYaml(text, { field: at })
      for (const document of documents) {
        if (part !== undefined) {
          assert.equal(judge(part, document), undefined)
          continue
        }
        assert.ok(isRecord(document) && typeof document['kind'] === 'string', 'it says no kind')
        if (document['apiVersion'] !== model.apiVersion) continue
        assert.equal(judge(document['kind'], document), undefined)
        assert.equal(judgePlace(document), undefined)
      }
    })
  }

  test('a wrong one would be found', () => {
    const component = { name: 'web', kustomize: { path: './web' } }
    assert.equal(judge('Component', component), undefined)
    assert.equal(judge('Component', { ...component, replica: 1 }), 'unknown fields: .replica')
    assert.throws(() => judge('Component', { name: 'web' }), /exactly one of/)
  })
})

describe('commands in the documents', () => {
  const shown = blocks
    .filter(({ language }) => ['sh', 'indented'].includes(language))
    .flatMap(({ at, text }) => text.split('\n').map((line) => ({ at, line, whole: true })))
  const mentioned = pages.flatMap(({ file, lines }) =>
    lines.flatMap((text, index) =>
      [...text.matchAll(/`([^`]+)`/g)].map(([, line = '']) => ({ at: `${file}:${index + 1}`, line, whole: false })),
    ),
  )
  const found = [...shown, ...mentioned].flatMap(({ at, line, whole }) => {
    const [, rest] = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:sudo )?(?:bin\/)?flotilla(?: (.*))?$/.exec(line) ?? []
    return rest === undefined ? [] : [{ at, line: line.trim(), whole, words: splitLine(rest) }]
  })

  test('there are some', () => assert.ok(found.length >= 60, `${found.length}`))

  test('exist, with their options', () => {
    const wrong = found.flatMap(({ at, line, words, whole }) => {
      const why = judgeCommand({ words, whole })
      return why === undefined ? [] : [`${at}: ${line}: ${why}`]
    })
    assert.deepEqual(wrong, [])
  })

  test('a wrong one would be found', () => {
    const why = (line: string) => judgeCommand({ words: splitLine(line), whole: true })
    assert.equal(why('status shop --wait 5m  # until it is healthy'), undefined)
    assert.match(why('status') ?? '', /needs 1 arguments/)
    assert.match(why('status shop --until 5m') ?? '', /no option --until/)
    assert.match(why('cluster join east') ?? '', /no command join/)
    assert.match(why('apply') ?? '', /needs -f/)
    assert.match(why('local fly east') ?? '', /no command fly/)
    assert.match(why('serve --port 80') ?? '', /--port/)
    assert.match(why('delete application shop --objects burn') ?? '', /does not take burn/)
  })

  test('are all on the page of the command line', async () => {
    const page = await readFile('docs/cli.md', 'utf8')
    assert.deepEqual(
      listCommands().filter((name) => !page.includes(`flotilla ${name}`)),
      [],
    )
  })

  test('of make are targets', async () => {
    const targets = new Set([...(await readFile('Makefile', 'utf8')).matchAll(/^([a-z-]+):/gm)].map(([, name]) => name))
    const named = pages.flatMap(({ file, lines }) =>
      [...lines.join('\n').matchAll(/(?:^ {4}|`)make ([a-z-]+)/gm)].map(([, name]) => ({ file, name })),
    )
    assert.ok(named.length > 5)
    assert.deepEqual(
      named.filter(({ name }) => !targets.has(name)),
      [],
    )
  })
})

describe('what the documents point at', () => {
  const pictures = path.join('docs', 'pictures')

  test('is there', async () => {
    const wrong: string[] = []
    for (const { file, lines } of pages) {
      const text = lines.join('\n').replaceAll(/^```[\s\S]*?^```/gm, '')
      for (const [, inText, inTag] of text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)) {
        const target = inText ?? inTag ?? ''
        if (/^[a-z]+:/.test(target)) continue
        const [place = '', anchor] = target.split('#')
        const to = place === '' ? file : path.join(path.dirname(file), place)
        if (to.startsWith(pictures) && !existsSync(pictures)) continue
        if (!existsSync(to)) wrong.push(`${file}: ${target}`)
        else if (anchor !== undefined && !(await anchorsOf(to)).has(anchor)) wrong.push(`${file}: ${target}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  test('are files that there are, in the guides for contributors', () => {
    const guides = pages.filter(({ file }) => ['CONTRIBUTING.md', 'ARCHITECTURE.md'].includes(file))
    const named = guides.flatMap(({ file, lines }) =>
      [...lines.join('\n').matchAll(/`((?:packages|native|scripts|e2e|docs|bin|examples)\/[^`\s]*)`/g)].map(
        ([, name = '']) => ({ file, name }),
      ),
    )
    assert.ok(named.length >= 30, `${named.length}`)
    assert.deepEqual(
      named.filter(({ name }) => !/[*<{]/.test(name) && !existsSync(name)),
      [],
    )
  })
})
