import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type KeyGoes, pastable, type TerminalPress, whereKeyGoes } from './terminal-keys.ts'

const none = { type: 'keydown', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false }

describe('a key in a terminal', () => {
  const cases: readonly (readonly [string, Partial<TerminalPress> & { key: string }, boolean, KeyGoes])[] = [
    ['a letter', { key: 's' }, false, 'shell'],
    ['Ctrl-C', { key: 'c', ctrlKey: true }, false, 'shell'],
    ['Ctrl-C with text marked', { key: 'c', ctrlKey: true }, true, 'copy'],
    ['Ctrl-Shift-C', { key: 'C', ctrlKey: true, shiftKey: true }, false, 'copy'],
    ['Cmd-C with text marked', { key: 'c', metaKey: true }, true, 'copy'],
    ['Ctrl-V', { key: 'v', ctrlKey: true }, false, 'browser'],
    ['Ctrl-W, which deletes a word', { key: 'w', ctrlKey: true }, false, 'shell'],
    ['Ctrl-K, which is not the palette here', { key: 'k', ctrlKey: true }, false, 'shell'],
    ['Ctrl-R', { key: 'r', ctrlKey: true }, false, 'shell'],
    ['Ctrl-Shift-R', { key: 'R', ctrlKey: true, shiftKey: true }, false, 'browser'],
    ['Cmd-T', { key: 't', metaKey: true }, false, 'browser'],
    ['F5', { key: 'F5' }, false, 'browser'],
    ['F10, which ends mc', { key: 'F10' }, false, 'shell'],
    ['Escape', { key: 'Escape' }, false, 'shell'],
    ['Shift-Escape', { key: 'Escape', shiftKey: true }, false, 'leave'],
    ['Tab', { key: 'Tab' }, false, 'shell'],
    ['AltGr, which is Ctrl-Alt', { key: '@', ctrlKey: true, altKey: true }, false, 'shell'],
    ['what an input method is at', { key: 'Escape', shiftKey: true, isComposing: true }, false, 'shell'],
  ]
  for (const [what, press, marked, goes] of cases)
    test(`${what}: ${goes}`, () => assert.equal(whereKeyGoes({ ...none, ...press }, marked), goes))
})

test('what is pasted keeps its lines and has no escapes', () => {
  assert.equal(pastable('a\tb\r\nc\u001b[201~rm -rf\u0007 你好\u009b'), 'a\tb\nc[201~rm -rf 你好')
})
