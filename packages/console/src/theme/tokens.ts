/**
 * The one source of what the console looks like: `tokens-css.ts` writes it as CSS custom properties,
 * `ant-theme.ts` gives it to the components. 8 px grid, 32 px rows, 13 px text, tabular figures.
 */
const light = {
  bg: '#f6f7f9',
  surface: '#ffffff',
  raised: '#ffffff',
  line: '#e4e7ec',
  lineStrong: '#cfd5de',
  text: '#171b22',
  muted: '#5b6472',
  faint: '#69717f',
  accent: '#2255d4',
  accentSoft: '#e9effd',
  onAccent: '#ffffff',
  healthy: '#17774a',
  progressing: '#1f62d0',
  degraded: '#9a5300',
  failed: '#c0282d',
  suspended: '#6d48c4',
  unknown: '#5f6977',
  healthySoft: '#e7f5ed',
  progressingSoft: '#e8f0fd',
  degradedSoft: '#fdf1e0',
  failedSoft: '#fdeaea',
  suspendedSoft: '#f1ecfc',
  unknownSoft: '#eef0f3',
  shadow: 'rgb(16 24 40 / 14%)',
} as const

type Palette = { readonly [Name in keyof typeof light]: string }

const dark: Palette = {
  bg: '#0d1015',
  surface: '#141920',
  raised: '#1a2029',
  line: '#242b35',
  lineStrong: '#36404d',
  text: '#e5e9ef',
  muted: '#98a3b3',
  faint: '#808c9d',
  accent: '#7aa5ff',
  accentSoft: '#1a2640',
  onAccent: '#0b1220',
  healthy: '#4cc38a',
  progressing: '#6ea8ff',
  degraded: '#f0a742',
  failed: '#ff7b7b',
  suspended: '#b197fc',
  unknown: '#8d98a8',
  healthySoft: '#12261d',
  progressingSoft: '#14233c',
  degradedSoft: '#2c2110',
  failedSoft: '#321a1c',
  suspendedSoft: '#221b38',
  unknownSoft: '#1c222b',
  shadow: 'rgb(0 0 0 / 55%)',
}

export const palettes = { light, dark }

export const shape = {
  sans: 'Inter, system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif',
  mono: '"JetBrains Mono", ui-monospace, "SFMono-Regular", Menlo, "Noto Sans Mono CJK SC", monospace',
  radius: 6,
  row: 32,
  fontSize: 13,
} as const
