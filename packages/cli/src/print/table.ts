import type { Io } from '../io.ts'
import { type Colour, paint } from './colour.ts'
import { neutraliseLine } from './neutralise.ts'

export interface Cell {
  readonly text: string
  readonly colour?: Colour | undefined
}
type Given = string | number | undefined | Cell

/** Columns of plain text, as wide as they need; empty cells are a dash. Everything in it is made harmless. */
export function table(io: Pick<Io, 'colour'>, heads: readonly string[], rows: readonly (readonly Given[])[]): string {
  const body = rows.map((row) => heads.map((_, at) => toCell(row[at])))
  const widths = heads.map((head, at) => Math.max(width(head), ...body.map((row) => width(row[at]?.text ?? ''))))
  const line = (cells: readonly Cell[]): string =>
    cells
      .map(({ text, colour }, at) => {
        const padding = at === cells.length - 1 ? '' : ' '.repeat((widths[at] ?? 0) - width(text))
        return `${paint(io, colour, text)}${padding}`
      })
      .join('   ')
      .trimEnd()
  return `${[line(heads.map((text) => ({ text }))), ...body.map(line)].join('\n')}\n`
}

function toCell(given: Given): Cell {
  const cell = typeof given === 'object' ? given : { text: given === undefined ? '' : String(given) }
  const text = neutraliseLine(cell.text)
  return { ...cell, text: text === '' ? '-' : text }
}

/** Chinese and Japanese take two columns. */
export function width(text: string): number {
  let columns = 0
  for (const character of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1
  return columns
}
