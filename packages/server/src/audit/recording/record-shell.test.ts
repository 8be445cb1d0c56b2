import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import type { AsciicastLine } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model'
import type { RecordingStore } from '../../store/recording-store.ts'
import { recordingLimits, recordShell } from './record-shell.ts'
import type { ShellAsked } from './shell-policy.ts'

const full = () => Promise.reject(new FlotillaError('store.unavailable', { message: 'disk full' }))

async function open(
  asked: Partial<ShellAsked> = {},
  more: { store?: Partial<RecordingStore>; mostBytes?: number } = {},
) {
  const pieces: string[] = []
  const removed: string[] = []
  const store: RecordingStore = {
    begin: () => Promise.resolve(),
    append: (_id, number, bytes) => {
      pieces[number] = Buffer.from(bytes).toString()
      return Promise.resolve()
    },
    end: () => Promise.resolve(),
    get: () => Promise.resolve(undefined),
    piece: () => Promise.resolve(undefined),
    remove: (id) => Promise.resolve(void removed.push(id)),
    prune: () => Promise.resolve(0),
    ...more.store,
  }
  let elapsed = 0
  const recorder = await recordShell({
    store,
    id: 'r',
    asked: { record: 'Output', terminal: true, ...asked },
    place: {},
    title: 'ana in east / shop / web',
    clock: { now: () => 1_700_000_000_000, elapsed: () => elapsed },
    limits: { ...recordingLimits, ...(more.mostBytes === undefined ? {} : { mostBytes: more.mostBytes }) },
  })
  return {
    recorder,
    pieces,
    removed,
    pass: (ms: number) => (elapsed += ms),
    out: (text: string) => recorder.payload('cluster', 1, Buffer.from(text)),
    lines: () =>
      pieces
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as AsciicastLine),
  }
}

describe('a recorder of a shell (a stand-in for the store)', () => {
  test('writes what was shown, with the size that the shell began with, and says its digest', async () => {
    const { recorder, out, pass, lines, pieces } = await open()
    recorder.payload('client', 4, Buffer.from('{"Width":120,'))
    recorder.payload('client', 4, Buffer.from('"Height":40}\n'))
    recorder.payload('client', 0, Buffer.from('a password\r'))
    pass(500)
    out('$ ')
    pass(250)
    recorder.payload('client', 4, Buffer.from('{"Width":90,"Height":30}'))
    recorder.payload('cluster', 3, Buffer.from('{"status":"Success"}'))
    const said = await recorder.finish(true)
    assert.deepEqual(lines(), [
      { version: 2, width: 120, height: 40, timestamp: 1_700_000_000, title: 'ana in east / shop / web' },
      [0.5, 'o', '$ '],
      [0.75, 'r', '90x30'],
    ])
    const text = pieces.join('')
    assert.deepEqual(said, {
      recorded: 'Output',
      recording: 'r',
      recordingBytes: Buffer.byteLength(text),
      recordingWhole: true,
      recordingSha256: createHash('sha256').update(text).digest('hex'),
    })
    assert.deepEqual(await recorder.finish(true), said)
    assert.match(recorder.notice.words, /recorded: what it shows\.\r\n$/)
    assert.equal(recorder.notice.channel, 1)
  })

  test('writes what is typed only where that is asked for, and never what a program sends', async () => {
    const typed = await open({ record: 'OutputAndInput' })
    typed.recorder.payload('client', 0, Buffer.from('ls\r'))
    await typed.recorder.finish(true)
    assert.deepEqual(typed.lines()[1], [0, 'i', 'ls\r'])
    assert.match(typed.recorder.notice.words, /what you type/)
    const piped = await open({ record: 'OutputAndInput', terminal: false })
    piped.recorder.payload('client', 0, Buffer.from('a file'))
    piped.out('done')
    await piped.recorder.finish(true)
    assert.deepEqual(piped.lines().slice(1), [[0, 'o', 'done']])
    // beside what a program reads
    assert.equal(piped.recorder.notice.channel, 2)
  })

  test('fails where the recording cannot be begun', async () => {
    await assert.rejects(open({}, { store: { begin: full } }), { code: 'store.unavailable' })
  })

  test('ends the shell when it cannot be written any more', async () => {
    const { recorder, out } = await open({}, { store: { append: full } })
    out('x'.repeat(100_000))
    await new Promise((resolve) => recorder.failed.addEventListener('abort', resolve))
    await assert.rejects(recorder.ready(), { code: 'store.unavailable' })
    const { recordingWhole } = await recorder.finish(true)
    assert.equal(recordingWhole, false)
  })

  test('holds up what comes faster than it is written', async () => {
    let go = (): void => undefined
    const slow = new Promise<void>((resolve) => (go = resolve))
    const { recorder, out } = await open({}, { store: { append: () => slow } })
    for (let piece = 0; piece < 20; piece++) out('x'.repeat(65_536))
    let passed = false
    const ready = recorder.ready().then(() => (passed = true))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(passed, false)
    go()
    await ready
  })

  test('ends the shell when it is full, and says so in the recording', async () => {
    const { recorder, out, lines } = await open({}, { mostBytes: 1_000 })
    out('x'.repeat(2_000))
    out('this is not in it')
    assert.equal(recorder.failed.aborted, true)
    await assert.rejects(recorder.ready(), { code: 'input.too_large' })
    const { recordingWhole } = await recorder.finish(true)
    assert.equal(recordingWhole, false)
    const last = lines().at(-1)
    assert.ok(Array.isArray(last) && last[1] === 'm' && /Cut here/.test(last[2]))
    assert.equal(lines().length, 3)
  })

  test('leaves nothing of a shell that was refused', async () => {
    const { recorder, removed } = await open()
    assert.deepEqual(await recorder.finish(false), {})
    assert.deepEqual(removed, ['r'])
  })
})
