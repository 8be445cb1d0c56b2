import { palettes, shape } from './tokens.ts'

const cssName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const declarations = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `--${cssName(name)}: ${value};`)
    .join(' ')

/** The tokens as CSS custom properties: `lineStrong` becomes `--line-strong`. */
export function tokensCss(): string {
  const { sans, mono, radius, row } = shape
  const fixed = declarations({ sans, mono, radius: `${radius}px`, row: `${row}px` })
  return [
    `:root { color-scheme: light; ${declarations(palettes.light)} ${fixed} }`,
    `[data-theme="dark"] { color-scheme: dark; ${declarations(palettes.dark)} }`,
  ].join('\n')
}
