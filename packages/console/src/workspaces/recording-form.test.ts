import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patchRecording, readRecording, recordingChoices } from './recording-form.ts'

test('what is recorded of shells is written only when it was chosen anew, beside what the form does not know', () => {
  for (const before of [undefined, {}, { record: 'Output', later: 1 }, 'odd', { record: 'Later' }]) {
    assert.deepEqual(patchRecording(before, readRecording(before)), {})
    for (const chosen of recordingChoices) {
      const { shells = before } = patchRecording(before, chosen)
      assert.equal(readRecording(shells), chosen)
    }
  }
  assert.deepEqual(patchRecording({ record: 'Output', later: 1 }, 'Never'), { shells: { record: 'Never', later: 1 } })
})
