import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'

export interface Page {
  readonly file: string
  readonly lines: readonly string[]
}

export interface Block {
  readonly at: string
  readonly language: string
  /** A second word after the language: the part of the model that a fragment shows. */
  readonly part: string | undefined
  readonly text: string
}

/** The documents that people read. */
export async function readPages(): Promise<Page[]> {
  const pages: Page[] = []
  for await (const file of glob(['*.md', 'docs/**/*.md']))
    pages.push({ file, lines: (await readFile(file, 'utf8')).split('\n') })
  return pages
}

/** Fenced blocks, and as `indented` what is indented by four or more after an empty line. */
export function blocksOf({ file, lines }: Page): Block[] {
  const blocks: Block[] = []
  for (let index = 0; index < lines.length; index++) {
    const at = `${file}:${index + 1}`
    const [, language, part] = /^```(\w*)\s*(\w+)?/.exec(lines[index] ?? '') ?? []
    if (language !== undefined) {
      const end = lines.findIndex((line, later) => later > index && line.startsWith('```'))
      assert.ok(end > index, `${at}: the block does not end`)
      blocks.push({ at, language, part, text: lines.slice(index + 1, end).join('\n') })
      index = end
    } else if (/^ {4}\S/.test(lines[index] ?? '') && lines[index - 1] === '') {
      const end = lines.findIndex((line, later) => later > index && line !== '' && !line.startsWith('    '))
      const last = end < 0 ? lines.length : end
      blocks.push({ at, language: 'indented', part: undefined, text: lines.slice(index, last).join('\n') })
      index = last - 1
    }
  }
  return blocks
}

/** The names by which links reach the headings of a page. */
export async function anchorsOf(file: string): Promise<Set<string>> {
  const headings = (await readFile(file, 'utf8')).matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
