import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { writeQuickJson } from './write-quick-json.ts'

const most = 24_990
const lists = (count: number): unknown[] => Array.from({ length: count }, () => [])

function parseMs(json: string): number {
  const before = process.threadCpuUsage()
  JSON.parse(json)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

describe('JSON that is written to be quick to parse', () => {
  for (const [title, value] of [
    ['lists', lists(most)],
    ['maps', Array.from({ length: most / 2 }, (_, at) => ({ [`a${at}`]: {} }))],
    ['keys', Object.fromEntries(Array.from({ length: most }, (_, at) => [`${'k'.repeat(140)}${at}`, 0]))],
    ['keys that are numbers', Object.fromEntries(Array.from({ length: most }, (_, at) => [`${at}99`, 0]))],
    ['escaped text', '\u0001'.repeat(690_000)],
    ['wide text', '\u4e2d'.repeat(4_000_000)],
  ] as const) {
    test(`is: ${title}`, () => {
      const json = writeQuickJson(value) ?? assert.fail('it was not written')
      const ms = parseMs(json)
      assert.ok(ms < 50, `${ms} ms`)
    })
  }

  test('has neither many values nor many characters, also not of what is there often', () => {
    const part = lists(1000)
    assert.equal(writeQuickJson(lists(25_000)), undefined)
    assert.equal(writeQuickJson(Array.from({ length: 25 }, () => part)), undefined)
    assert.equal(writeQuickJson('x'.repeat(4 * 1024 * 1024)), undefined)
  })
})
