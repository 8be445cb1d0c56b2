import assert from 'node:assert/strict'
import { test } from 'node:test'
import { en } from '../i18n/en.ts'
import { headings } from './difference-headings.ts'

const draft = {}
const frozen = { digest: 'hmac-sha256:9' }
const plain = { against: '', back: false, ended: false }

const cases: readonly [string, typeof draft | typeof frozen, typeof plain, string, string][] = [
  ['a draft', draft, plain, 'Difference to what runs', 'Now'],
  ['a frozen release', frozen, plain, 'Difference to what ran before', 'Before'],
  ['one against another release', frozen, { ...plain, against: 'cart-40' }, 'Difference to cart-40', 'cart-40'],
  ['a rollback under way', frozen, { ...plain, back: true }, 'What changes', 'Now'],
  ['a rollback that is over', frozen, { ...plain, back: true, ended: true }, 'What changes', 'Before'],
]
for (const [what, detail, shown, title, before] of cases)
  test(`the difference of ${what} is called "${title}", its first column "${before}"`, () =>
    assert.deepEqual(headings(detail, shown, en), { title, before }))
