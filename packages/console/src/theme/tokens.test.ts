import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { contrast } from './contrast.ts'
import { tokensCss } from './tokens-css.ts'
import { palettes } from './tokens.ts'

const states = ['healthy', 'progressing', 'degraded', 'failed', 'suspended', 'unknown'] as const

describe('the tokens', () => {
  for (const [mode, palette] of Object.entries(palettes)) {
    test(`are readable in ${mode} (WCAG AA, 4.5:1)`, () => {
      const pairs: [string, string, string][] = []
      for (const ground of ['bg', 'surface', 'raised'] as const) {
        for (const ink of ['text', 'muted', 'faint', 'accent', ...states] as const) {
          pairs.push([`${ink} on ${ground}`, palette[ink], palette[ground]])
        }
      }
      for (const state of states) {
        const soft = palette[`${state}Soft`]
        pairs.push([`${state} on its tint`, palette[state], soft])
        pairs.push([`muted on ${state}Soft`, palette.muted, soft], [`text on ${state}Soft`, palette.text, soft])
      }
      pairs.push(['text of the primary button', palette.onAccent, palette.accent])
      pairs.push(['accent on its tint', palette.accent, palette.accentSoft])
      pairs.push(['muted on the accent’s tint', palette.muted, palette.accentSoft])
      const weak = pairs
        .filter(([, ink, ground]) => contrast(ink, ground) < 4.5)
        .map(([name, ink, ground]) => `${name}: ${contrast(ink, ground).toFixed(2)}`)
      assert.deepEqual(weak, [])
    })
  }

  test('are written as custom properties in both themes', () => {
    const css = tokensCss()
    assert.match(css, /:root \{[^}]*--line-strong: #cfd5de;/)
    assert.match(css, /\[data-theme="dark"\] \{[^}]*--line-strong: #36404d;/)
  })
})
