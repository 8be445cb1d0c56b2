import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Component } from '@flotilla/model'
import { hostOf, isMoving, originOf, pinComponent } from './source-spec.ts'

const commit = 'a'.repeat(40)
const digest = `sha256:${'b'.repeat(64)}`
const component = (source: Record<string, unknown>) => Component.parse({ name: 'web', ...source })
const oci = (version: string) =>
  component({ helm: { chart: { oci: { url: 'oci://r.example:5000/charts/web', version } } } })
const repository = (version: string) =>
  component({ helm: { chart: { repository: { url: 'https://charts.example/x', name: 'web', version } } } })
const git = (ref: string) =>
  component({ kustomize: { git: { url: 'https://git.example/a/b.git', ref, path: 'deploy' } } })

describe('sources', () => {
  const moving: [string, Component, boolean][] = [
    ['an OCI tag', oci('1.2.3'), true],
    ['an OCI digest', oci(digest), false],
    ['an exact chart version', repository('1.2.3'), false],
    ['a range of versions', repository('^1.2'), true],
    ['a wildcard', repository('1.x'), true],
    ['a branch', git('main'), true],
    ['a commit', git(commit), false],
    ['manifests in place', component({ manifests: { inline: 'a: b' } }), false],
    ['an upload', component({ manifests: { upload: { digest } } }), false],
  ]
  for (const [what, source, expected] of moving) {
    test(`${what} ${expected ? 'may move' : 'stays'}`, () => assert.equal(isMoving(originOf(source)), expected))
  }

  test('a credential goes to the host and port of the source', () => {
    assert.equal(hostOf(originOf(oci('1'))), 'r.example:5000')
    assert.equal(hostOf(originOf(repository('1'))), 'charts.example')
    assert.equal(hostOf(originOf(git('main'))), 'git.example')
    assert.equal(hostOf({ kind: 'git', url: 'https://user@GIT.example/x', ref: 'x' }), 'git.example')
    assert.equal(hostOf({ kind: 'git', url: 'git@git.example:a/b', ref: 'x' }), 'git.example')
    assert.equal(hostOf({ kind: 'git', url: 'not a url', ref: 'x' }), undefined)
    assert.equal(hostOf({ kind: 'inline' }), undefined)
  })

  test('what moved is pinned to what it was', () => {
    assert.deepEqual(originOf(pinComponent(git('main'), `https://git.example/a/b.git@${commit}`, 'main')), {
      kind: 'git',
      url: 'https://git.example/a/b.git',
      ref: commit,
    })
    assert.equal(pinComponent(git('main'), `x@${commit}`, undefined).kustomize?.git?.path, 'deploy')
    assert.deepEqual(originOf(pinComponent(oci('1.2.3'), `oci://r.example:5000/charts/web:1.2.3@${digest}`, '1.2.3')), {
      kind: 'oci',
      url: 'oci://r.example:5000/charts/web',
      version: digest,
    })
    assert.deepEqual(originOf(pinComponent(repository('^1'), undefined, '1.4.2')), {
      kind: 'repository',
      url: 'https://charts.example/x',
      version: '1.4.2',
    })
  })

  test('what cannot move, or was never resolved, stays as it is declared', () => {
    const fixed = git(commit)
    assert.equal(pinComponent(fixed, 'x', 'y'), fixed)
    const lost = oci('1.2.3')
    assert.equal(pinComponent(lost, undefined, undefined), lost)
  })
})
