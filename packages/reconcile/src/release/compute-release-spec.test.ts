import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApplicationSpec, type ReleaseChoice } from '@flotilla/model'
import * as fc from 'fast-check'
import { computeReleaseSpec } from './compute-release-spec.ts'

const digestOf = (mark: string): string => `sha256:${mark.repeat(64)}`
const oci = (version: string) => ({ helm: { chart: { oci: { url: 'oci://registry.example/web', version } } } })
const declare = (...components: Record<string, unknown>[]): ApplicationSpec => ApplicationSpec.parse({ components })
const web = (more: Record<string, unknown> = oci('1.0.0')) => declare({ name: 'web', ...more })
const versionOf = (spec: ApplicationSpec) => spec.components[0]?.helm?.chart.oci?.version
const imagesOf = (spec: ApplicationSpec) => spec.components[0]?.images
const codes = (answer: ReturnType<typeof computeReleaseSpec>) => answer.findings.map(({ code, field }) => [code, field])

describe('what a release renders', () => {
  test('a choice takes the place of what is declared, in every kind of source', () => {
    const commit = 'a'.repeat(40)
    const cases: [Record<string, unknown>, string, (spec: ApplicationSpec['components'][number]) => unknown][] = [
      [oci('1.0.0'), '2.0.0', ({ helm }) => helm?.chart.oci],
      [
        { helm: { chart: { repository: { url: 'https://c.example', name: 'web', version: '1' } } } },
        '2',
        ({ helm }) => helm?.chart.repository,
      ],
      [
        { helm: { chart: { git: { url: 'https://g.example/r', ref: 'main', path: 'web' } } } },
        commit,
        ({ helm }) => helm?.chart.git,
      ],
      [{ kustomize: { git: { url: 'https://g.example/r' } } }, 'v2', ({ kustomize }) => kustomize?.git],
      [
        { manifests: { upload: { digest: digestOf('1'), name: 'web' } } },
        digestOf('2'),
        ({ manifests }) => manifests?.upload,
      ],
    ]
    for (const [source, version, read] of cases) {
      const declared = web(source)
      const { spec, choices, findings } = computeReleaseSpec({ declared, choices: [{ name: 'web', version }] })
      const [before, after] = [declared, spec].map(({ components: [one] }) => one && read(one))
      assert.deepEqual(findings, [])
      assert.deepEqual(choices, [{ name: 'web', version }])
      assert.deepEqual(Object.keys(after ?? {}), Object.keys(before ?? {}))
      assert.ok(Object.values(after ?? {}).includes(version), JSON.stringify(after))
    }
  })

  test('a version that its source cannot have is refused, and so is a component that is not there', () => {
    const refused = (source: Record<string, unknown>, version: string) =>
      codes(computeReleaseSpec({ declared: web(source), choices: [{ name: 'web', version }] }))
    const expected = [['release.choice_refused', 'spec.components[0].version']]
    assert.deepEqual(refused({ manifests: { inline: 'kind: ConfigMap' } }, '2'), expected)
    assert.deepEqual(refused({ kustomize: { upload: { digest: digestOf('1') } } }, '2'), expected)
    assert.deepEqual(refused({ kustomize: { git: { url: 'https://g.example/r' } } }, '--upload-pack=x'), expected)
    const absent = computeReleaseSpec({ declared: web(), choices: [{ name: 'api', version: '2' }] })
    assert.deepEqual(codes(absent), [['release.choice_refused', 'spec.components[0].name']])
  })

  test('images are merged into those that are declared', () => {
    const declared = web({ ...oci('1.0.0'), images: { web: 'web:1', side: 'side:1' } })
    const { spec } = computeReleaseSpec({
      declared,
      choices: [{ name: 'web', images: { web: 'web:2', new: 'new:1' } }],
    })
    assert.deepEqual(imagesOf(spec), { web: 'web:2', side: 'side:1', new: 'new:1' })
    assert.equal(versionOf(spec), '1.0.0')
  })

  test('an image that an override names itself is said', () => {
    const declared = ApplicationSpec.parse({
      components: [{ name: 'web', ...oci('1') }],
      overrides: [{ name: 'staging', images: { web: 'web:9' } }],
    })
    const answer = computeReleaseSpec({ declared, choices: [{ name: 'web', images: { web: 'web:2' } }] })
    assert.deepEqual(codes(answer), [['release.image_overridden', undefined]])
  })

  describe('carries over what the release before chose', () => {
    const before = {
      declared: web(),
      choices: [{ name: 'web', version: '2.0.0', images: { web: 'web:2', side: 'side:2' } }],
    }
    const after = (declared: ApplicationSpec, choices: ReleaseChoice[] = []) =>
      computeReleaseSpec({ declared, choices, before })

    test('a new image with the old chart, and a new chart with the old image', () => {
      const image = after(web(), [{ name: 'web', images: { web: 'web:3' } }])
      assert.deepEqual([versionOf(image.spec), imagesOf(image.spec)], ['2.0.0', { web: 'web:3', side: 'side:2' }])
      const chart = after(web(), [{ name: 'web', version: '3.0.0' }])
      assert.deepEqual([versionOf(chart.spec), imagesOf(chart.spec)], ['3.0.0', { web: 'web:2', side: 'side:2' }])
      assert.deepEqual(chart.choices, [{ name: 'web', version: '3.0.0', images: { web: 'web:2', side: 'side:2' } }])
    })

    test('an edit of values leaves it, an edit of the very thing wins', () => {
      const values = after(web({ ...oci('1.0.0'), values: { replicas: 3 } }))
      assert.deepEqual([versionOf(values.spec), imagesOf(values.spec)], ['2.0.0', { web: 'web:2', side: 'side:2' }])
      const source = after(web(oci('4.0.0')))
      assert.deepEqual([versionOf(source.spec), imagesOf(source.spec)], ['4.0.0', { web: 'web:2', side: 'side:2' }])
      const image = after(web({ ...oci('1.0.0'), images: { web: 'web:7' } }))
      assert.deepEqual([versionOf(image.spec), imagesOf(image.spec)], ['2.0.0', { web: 'web:7', side: 'side:2' }])
    })

    test('a component that went takes its choice along', () => {
      const { choices, findings } = after(declare({ name: 'api', ...oci('1.0.0') }))
      assert.deepEqual([choices, findings], [[], []])
    })
  })

  test('released again with no edit and no choice it is what it was, however often', () => {
    const version = fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined })
    const images = fc.option(fc.dictionary(fc.constantFrom('web', 'side'), fc.constantFrom('x:1', 'x:2')), {
      nil: undefined,
    })
    const choice = fc.record({ version, images }).map(({ version: v, images: i }) => ({
      name: 'web',
      ...(v === undefined ? {} : { version: v }),
      ...(i === undefined ? {} : { images: i }),
    }))
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 5 }), (rounds) => {
        const declared = web()
        let before: { declared: ApplicationSpec; choices: readonly ReleaseChoice[] } | undefined
        for (const chosen of rounds) {
          const answer = computeReleaseSpec({ declared, choices: [chosen], before })
          before = { declared, choices: answer.choices }
          const again = computeReleaseSpec({ declared, choices: [], before })
          assert.deepEqual([again.spec, again.choices], [answer.spec, answer.choices])
        }
      }),
    )
  })
})
