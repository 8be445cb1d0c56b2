import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { differenceOf } from './difference.ts'
import { maskText, namesSecret } from './mask-text.ts'
import { restrictTo } from './restrict-to.ts'

const secret = (data: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data })
const env = (name: string, value: string) => ({ spec: { containers: [{ name: 'web', env: [{ name, value }] }] } })

describe('a difference', () => {
  const cases: readonly (readonly [string, unknown, unknown, object[]])[] = [
    [
      'names what changed',
      { spec: { replicas: 1, a: 'x' } },
      { spec: { replicas: 2, a: 'x' } },
      [{ path: 'spec.replicas', before: '1', after: '2' }],
    ],
    [
      'names what came and what went',
      { a: 1 },
      { b: [true] },
      [
        { path: 'a', before: '1' },
        { path: 'b[0]', after: 'true' },
      ],
    ],
    [
      'leaves out what the API server writes',
      { metadata: { resourceVersion: '1', labels: { a: 'b' }, managedFields: [1] }, status: { x: 1 } },
      { metadata: { resourceVersion: '2', labels: { a: 'c' }, managedFields: [2] }, status: { x: 2 } },
      [{ path: 'metadata.labels.a', before: '"b"', after: '"c"' }],
    ],
    [
      'of a Secret shows keys only',
      secret({ a: 'b25l', b: 'same' }),
      secret({ a: 'dHdv', b: 'same' }),
      [{ path: 'data.a', before: '(secret)', after: '(secret)' }],
    ],
    [
      'hides what is called a secret',
      { values: { password: 'x', n: 1 } },
      { values: { password: 'y', n: 2 } },
      [
        { path: 'values.n', before: '1', after: '2' },
        { path: 'values.password', before: '(secret)', after: '(secret)' },
      ],
    ],
    [
      'hides everything below it',
      {},
      { auth: { credentials: { user: 'a', pin: 1234 } } },
      [
        { path: 'auth.credentials.pin', after: '(secret)' },
        { path: 'auth.credentials.user', after: '(secret)' },
      ],
    ],
    [
      'shows which Secret is named',
      {},
      { secretName: 'db', credentialRef: 'x' },
      [
        { path: 'credentialRef', after: '"x"' },
        { path: 'secretName', after: '"db"' },
      ],
    ],
    [
      'hides variables that are called so',
      env('DB_PASSWORD', 'a'),
      env('DB_PASSWORD', 'b'),
      [{ path: 'spec.containers[web].env[DB_PASSWORD].value', before: '(secret)', after: '(secret)' }],
    ],
    [
      'compares named things by name',
      env('MODE', 'a'),
      env('MODE', 'b'),
      [{ path: 'spec.containers[web].env[MODE].value', before: '"a"', after: '"b"' }],
    ],
    [
      'keeps no long text',
      { inline: 'a\nb' },
      { inline: 'kind: Secret\ndata: x' },
      [{ path: 'inline', before: '"(text, 3 characters)"', after: '"(text, 20 characters)"' }],
    ],
  ]
  for (const [what, before, after, changes] of cases)
    test(what, () => assert.deepEqual(differenceOf(before, after).changes, changes))

  test('of a patch of a Secret shows nothing that it holds, in whatever form it is', () => {
    for (const patch of [
      { stringData: { a: 'hunter2' } },
      [{ op: 'replace', path: '/data/a', value: 'hunter2' }],
      { metadata: { annotations: { x: 'hunter2' } } },
    ])
      assert.ok(!JSON.stringify(differenceOf(undefined, patch, { secret: true })).includes('hunter2'))
    assert.ok(
      !JSON.stringify(differenceOf(undefined, [{ op: 'add', path: '/spec/password', value: 'hunter2' }])).includes(
        'hunter2',
      ),
    )
  })

  test('of what becomes another sort of value shows no secret of either', () => {
    const held = { password: 'hunter2', list: [{ name: 'A_TOKEN', value: 'hunter2' }], deep: { apiKey: 'hunter2' } }
    for (const other of ['off', null, 1, true, [], ['x'], {}])
      for (const [before, after] of [
        [other, held],
        [held, other],
        [[held], other],
        [other, [held]],
      ]) {
        const text = JSON.stringify(differenceOf({ spec: { auth: before } }, { spec: { auth: after } }).changes)
        assert.ok(!text.includes('hunter2'), text)
        assert.match(text, /password/)
      }
  })

  test('of a command in words shows no word after an option for a secret', () => {
    const args = (...words: string[]) => ({ containers: [{ name: 'a', args: words }] })
    const { changes } = differenceOf(args('--user', 'ada'), args('--password', 'hunter2', '--token=hunter2', 'run'))
    assert.deepEqual(
      changes.map(({ after }) => after),
      ['"--password"', '(secret)', '"--token=(secret)"', '"run"'],
    )
  })

  test('of a step that gives a variable its value does not show it: which one it is, is not said', () => {
    const step = { op: 'replace', path: '/spec/template/spec/containers/0/env/3/value', value: 'hunter2' }
    assert.ok(!JSON.stringify(differenceOf(undefined, [step])).includes('hunter2'))
  })

  test('of what is nested without end fails nothing', () => {
    const nested = (depth: number, end: unknown): unknown => {
      let value = end
      for (let at = 0; at < depth; at++) value = at % 2 === 0 ? [value] : { a: value }
      return value
    }
    for (const depth of [31, 33, 1_000, 9_999, 100_000]) {
      const { changes, more = 0 } = differenceOf({ spec: nested(depth, 1) }, { spec: nested(depth, 2) })
      assert.equal(changes.length + more, 1, String(depth))
      assert.ok(restrictTo(nested(depth, 1), nested(depth, 2)) !== undefined)
    }
  })

  test('is empty for what is the same, shows no value of any Secret, and is bounded', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        assert.deepEqual(differenceOf(a, structuredClone(a)), { changes: [] })
        const { changes } = differenceOf(a, b)
        assert.ok(changes.length <= 60)
      }),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ minLength: 12 })), (data) => {
        const text = JSON.stringify(
          differenceOf(secret({}), secret(data)).changes.map(({ before, after }) => [before, after]),
        )
        for (const value of Object.values(data)) assert.ok(!text.includes(value))
      }),
    )
    assert.equal(differenceOf({}, Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, at]))).more, 40)
  })
})

describe('a text', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['mysql --password=hunter2 -u root', 'mysql --password=(secret) -u root'],
    ['curl -H "token: abcdef" x', 'curl -H "token: (secret)" x'],
    ['https://ana:hunter2@git.example/x', 'https://ana:(secret)@git.example/x'],
    [`eyJhbGciOiJSUzI1.eyJzdWIiOiJhbmEi.abc`, '(secret)'],
    ['flo_0123456789abcdefghij', '(secret)'],
    ['sh -c "echo hello"', 'sh -c "echo hello"'],
    ...[
      'flt_0123456789abcdefghij',
      'flj_0123456789abcdefghij',
      'flp_AAAA1111.signature-of-it',
      'glpat-0123456789abcdef',
      'xoxb-1234567890-abc',
    ].map((token) => [token, '(secret)'] as const),
    ['curl -H "Authorization: Basic aHVudGVyMg=="', 'curl -H "Authorization: Basic (secret)"'],
    ["wget --header='authorization: hunter2'", "wget --header='authorization: (secret)'"],
    ['Bearer hunter2hunter2', 'Bearer (secret)'],
    ['https://hooks.slack.com/services/T0/B0/hunter2hunter2', 'https://hooks.slack.com/services/(secret)'],
    [
      'https://open.feishu.cn/open-apis/bot/v2/hook/00-hunter2-hunter2',
      'https://open.feishu.cn/open-apis/bot/v2/hook/(secret)',
    ],
    ['https://qyapi.weixin.qq.com/x?key=hunter2&a=b', 'https://qyapi.weixin.qq.com/x?key=(secret)&a=b'],
    [
      'https://oapi.dingtalk.com/robot/send?access_token=hunter2',
      'https://oapi.dingtalk.com/robot/send?access_token=(secret)',
    ],
    ['AccountName=a;AccountKey=hunter2==;B=c', 'AccountName=a;AccountKey=(secret);B=c'],
    ['{ apiVersion: v1, kind: Secret, stringData: { pin: "1234" } }', '(secret)'],
  ]
  for (const [text, shown] of cases) test(`is shown as ${shown}`, () => assert.equal(maskText(text), shown))
})

test('what is called a secret is one, in the words that people use for it', () => {
  const secrets =
    'DB_PASS SMTP_PASS smtpPass MYSQL_PWD dbPwd password PGPASSWORD api_key AZURE_STORAGE_ACCOUNT_KEY AWS_SECRET_ACCESS_KEY SLACK_WEBHOOK webhookUrl WEBHOOK_URI CONNECTION_STRING tls.key auth'
  for (const name of secrets.split(' ')) assert.ok(namesSecret(name), name)
  const others = 'secretName imagePullSecretRef passengers webhooks key keys author passive tokenType path mode'
  for (const name of others.split(' ')) assert.ok(!namesSecret(name), name)
})

test('a patch is compared with what it speaks of only', () => {
  const live = {
    spec: {
      replicas: 2,
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    },
  }
  const patch = { spec: { containers: [{ name: 'b', image: '2' }], paused: true } }
  assert.deepEqual(restrictTo(live, patch), { spec: { containers: [{ name: 'b', image: '1' }] } })
})
