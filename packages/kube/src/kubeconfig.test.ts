import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { FlotillaError } from '@flotilla/model'
import { parseKubeconfig, type KubeconfigOptions } from './kubeconfig.ts'
import { parseTrustedKubeconfig } from './kubeconfig-trusted.ts'
import { createTestCertificate } from './testing/certificates.ts'

const authority = createTestCertificate({ name: 'ca' })
const pair = createTestCertificate({ name: 'me', issuer: authority, dnsNames: ['me'] })
const other = createTestCertificate({ name: 'other', issuer: authority, dnsNames: ['other'] })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

type Fields = Record<string, unknown>
const goodCluster: Fields = {
  server: 'https://203.0.113.7:6443',
  'certificate-authority-data': base64(authority.certPem),
}
const goodUser: Fields = { token: 'abc.def' }
const certificateUser: Fields = {
  'client-certificate-data': base64(pair.certPem),
  'client-key-data': base64(pair.keyPem),
}

function file(cluster: Fields = goodCluster, user: Fields = goodUser, context: Fields = {}): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', ...context } }],
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
  }
}

function refusal(document: unknown, options?: KubeconfigOptions): FlotillaError {
  try {
    parseKubeconfig(document, options)
  } catch (thrown) {
    assert.ok(thrown instanceof FlotillaError, String(thrown))
    return thrown
  }
  throw new Error('it was taken')
}

describe('a kubeconfig of anybody', () => {
  test('with a token or a certificate is taken', async () => {
    const { connection, context, namespace } = parseKubeconfig(file(goodCluster, goodUser, { namespace: 'shop' }))
    assert.equal(connection.server, 'https://203.0.113.7:6443')
    assert.equal(connection.caPem, authority.certPem)
    assert.deepEqual([context, namespace], ['main', 'shop'])
    assert.ok(connection.auth.kind === 'token')
    assert.equal(await connection.auth.token(), 'abc.def')
    const { auth } = parseKubeconfig(file(goodCluster, certificateUser)).connection
    assert.deepEqual(auth, { kind: 'certificate', certPem: pair.certPem, keyPem: pair.keyPem })
  })

  test('never runs a program or reads a file: the field is named, with a remedy', () => {
    const inUser: Fields = {
      exec: { command: '/bin/sh', args: ['-c', 'touch /tmp/pwned'] },
      'auth-provider': { name: 'gcp' },
      'client-certificate': '/etc/passwd',
      'client-key': '/etc/passwd',
      tokenFile: '/etc/passwd',
      username: 'admin',
      password: 'hunter2',
      as: 'system:admin',
      'as-groups': ['system:masters'],
      unheard: 'x',
    }
    for (const [field, value] of Object.entries(inUser)) {
      const error = refusal(file(goodCluster, { ...goodUser, [field]: value }))
      assert.equal(error.code, 'kubeconfig.refused')
      assert.equal(error.field, `users[0].user.${field}`)
      assert.ok((error.remedy ?? '') !== '')
      assert.ok(!JSON.stringify([error, error.message]).includes('hunter2'))
    }
    const inCluster: Fields = {
      'certificate-authority': '/etc/passwd',
      'proxy-url': 'http://169.254.169.254',
      'insecure-skip-tls-verify': true,
      unheard: 'x',
    }
    for (const [field, value] of Object.entries(inCluster)) {
      const error = refusal(file({ ...goodCluster, [field]: value }))
      assert.equal(error.code, 'kubeconfig.refused')
      assert.equal(error.field, `clusters[0].cluster.${field}`)
    }
  })

  test('needs an https address of host, port and path', () => {
    const wrong = [
      'http://203.0.113.7',
      'ftp://x',
      'file:///etc/passwd',
      'https://user:pw@host',
      'https://host?x=1',
      'https://host#x',
      'https://ho st',
      'https://host\r\nX: y',
      'https://',
      '/var/run/docker.sock',
      '',
      7,
    ]
    for (const server of wrong) {
      const error = refusal(file({ ...goodCluster, server }))
      assert.equal(error.code, 'kubeconfig.refused')
      assert.equal(error.field, 'clusters[0].cluster.server', String(server))
    }
    const { connection } = parseKubeconfig(file({ server: 'http://127.0.0.1:8001/' }), { allowHttp: true })
    assert.equal(connection.server, 'http://127.0.0.1:8001')
    const path = parseKubeconfig(file({ server: 'https://rancher/k8s/clusters/c-1/' })).connection.server
    assert.equal(path, 'https://rancher/k8s/clusters/c-1')
  })

  test('needs one whole credential, and a key that belongs to its certificate', () => {
    const cases: [Fields, string][] = [
      [{}, 'client-certificate-data'],
      [{ 'client-certificate-data': base64(pair.certPem) }, 'client-key-data'],
      [{ ...certificateUser, 'client-key-data': base64(other.keyPem) }, 'client-key-data'],
      [{ ...certificateUser, 'client-key-data': base64('garbage') }, 'client-key-data'],
      [{ ...certificateUser, 'client-certificate-data': '!!!' }, 'client-certificate-data'],
      [{ ...certificateUser, token: 'x' }, 'token'],
      [{ token: 'a b' }, 'token'],
      [{ token: 'a\r\nX-Evil: 1' }, 'token'],
      [{ token: 5 }, 'token'],
    ]
    for (const [user, field] of cases) {
      const error = refusal(file(goodCluster, user))
      assert.equal(error.code, 'kubeconfig.refused')
      assert.equal(error.field, `users[0].user.${field}`, JSON.stringify(user).slice(0, 60))
    }
    const garbled = refusal(file({ ...goodCluster, 'certificate-authority-data': base64('no certificate') }))
    assert.equal(garbled.field, 'clusters[0].cluster.certificate-authority-data')
  })

  test('a context that is missing or named twice is refused', () => {
    assert.equal(refusal(file(), { context: 'none' }).field, 'contexts')
    const user = { name: 'u', user: { token: 'other' } }
    assert.equal(refusal({ ...file(), users: [user, user] }).field, 'users[1].name')
    assert.equal(refusal({ kind: 'Config' }).field, 'current-context')
    assert.equal(refusal({ kind: 'Pod', 'current-context': 'x' }).field, 'kind')
  })

  test('insecure TLS is taken only after an explicit opt-in', () => {
    const insecure = file({ server: 'https://h', 'insecure-skip-tls-verify': true })
    assert.equal(parseKubeconfig(insecure, { allowInsecureTls: true }).connection.insecureSkipTlsVerify, true)
  })

  test('whatever the document, it answers with an error of the catalogue', () => {
    fc.assert(fc.property(fc.anything(), (document) => void refusal(document)))
    const named = fc.record({ name: fc.constantFrom('main', 'c', 'u'), context: fc.anything(), cluster: fc.anything() })
    const lists = fc.record({
      'current-context': fc.constant('main'),
      contexts: fc.array(named),
      clusters: fc.anything(),
    })
    fc.assert(fc.property(lists, (document) => void refusal(document)))
    for (const document of [undefined, null, 'just text', [], { kind: 'Config', 'current-context': '__proto__' }])
      assert.equal(refusal(document).code, 'kubeconfig.refused')
  })
})

describe("the operator's own kubeconfig", () => {
  test('may point to files, relative to itself; a renewed token is read again', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
    try {
      await writeFile(join(dir, 'ca.pem'), authority.certPem)
      await writeFile(join(dir, 'me.pem'), pair.certPem)
      await writeFile(join(dir, 'me.key'), pair.keyPem)
      await writeFile(join(dir, 'token'), 'from-file\n')
      const cluster = { server: 'https://h:6443', 'certificate-authority': 'ca.pem' }
      const user = { 'client-certificate': './me.pem', 'client-key': join(dir, 'me.key') }
      const { connection } = await parseTrustedKubeconfig(file(cluster, user), dir)
      assert.deepEqual(connection, {
        server: 'https://h:6443',
        caPem: authority.certPem,
        auth: { kind: 'certificate', certPem: pair.certPem, keyPem: pair.keyPem },
      })
      const { auth } = (await parseTrustedKubeconfig(file(cluster, { tokenFile: 'token' }), dir)).connection
      assert.ok(auth.kind === 'token')
      assert.equal(await auth.token(), 'from-file')
      const missing = parseTrustedKubeconfig(file(cluster, { tokenFile: 'none' }), dir)
      await assert.rejects(missing, { code: 'kubeconfig.refused', field: 'users[0].user.tokenFile' })
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  test('still runs no program', async () => {
    const exec = parseTrustedKubeconfig(file(goodCluster, { exec: { command: 'aws' } }), '/')
    await assert.rejects(exec, { code: 'kubeconfig.refused', field: 'users[0].user.exec' })
  })
})
