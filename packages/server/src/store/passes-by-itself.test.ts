import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import pg from 'pg'
import { passesByItself } from './passes-by-itself.ts'

const coded = (code: string, fields: object = {}): Error => Object.assign(new Error(code), { code, ...fields })
const saying = (code: string): Error => Object.assign(new pg.DatabaseError('x', 1, 'error'), { code })

test('a database that is not there yet, ends, starts or is full of others is waited for', () => {
  const networks = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE']
  for (const code of networks) assert.ok(passesByItself(coded(code)), code)
  for (const code of [
    '57P01',
    '57P02',
    '57P03',
    '53300',
    '25006',
    '25P03',
    '55P03',
    '08006',
    '08001',
    '57014',
    '40P01',
  ])
    assert.ok(passesByItself(saying(code)), code)
  assert.ok(passesByItself(coded('ENOENT', { syscall: 'connect' })), 'its socket')
  assert.ok(passesByItself(new AggregateError([coded('ENETUNREACH'), coded('EACCES')])))
  assert.ok(passesByItself(new Error('x', { cause: coded('ECONNRESET') })))
  for (const message of ['timeout expired', 'Connection terminated unexpectedly', 'Connection terminated'])
    assert.ok(passesByItself(new Error(message)), message)
})

test('what only a person changes is said at once', () => {
  // password, no such database, no rights, no such role, a full disk, a wrong statement
  for (const code of ['28P01', '28000', '3D000', '42501', '53100', '42601', '42P01'])
    assert.equal(passesByItself(saying(code)), false, code)
  for (const thrown of [
    coded('ENOENT', { syscall: 'open' }),
    coded('DEPTH_ZERO_SELF_SIGNED_CERT'),
    coded('ERR_INVALID_URL'),
    new Error('The server does not support SSL connections'),
    new Error('the word timeout in what somebody wrote'),
    'ECONNREFUSED',
    undefined,
  ])
    assert.equal(passesByItself(thrown), false, String(thrown))
})

test('what is really thrown is in the tables', async () => {
  const nobody = connect(1, '127.0.0.1')
  const refusal = await new Promise((resolve) => nobody.once('error', resolve))
  assert.ok(passesByItself(refusal))
  const noName = new pg.Client({ connectionString: 'postgresql://u@flotilla-database.invalid/x' })
  await assert.rejects(noName.connect(), passesByItself)
})
