import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { parseFailpoints } from './failpoint.ts'

describe('failpoints', () => {
  const module = new URL('./failpoint.ts', import.meta.url).href
  const run = (armed: string | undefined) =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { failpoint } from '${module}'; for (let i = 1; i <= 3; i++) { console.log(i); failpoint('here') }; console.log('end')`,
      ],
      { encoding: 'utf8', env: armed === undefined ? {} : { FLOTILLA_FAILPOINTS: armed } },
    )

  test('do nothing unless they are armed', () => {
    assert.equal(run(undefined).stdout, '1\n2\n3\nend\n')
    assert.equal(run('elsewhere').stdout, '1\n2\n3\nend\n')
  })

  test('kill the process at the pass that was asked for, and say so', () => {
    const { signal, stdout, stderr } = run('elsewhere,here:2')
    assert.equal(signal, 'SIGKILL')
    assert.equal(stdout, '1\n2\n')
    assert.match(stderr, /failpoint here/)
  })

  test('tell who listens, and can be armed while the process runs', () => {
    const steered = [
      `import { armFailpoints, failpoint, listenToFailpoints } from '${module}'`,
      `listenToFailpoints((name) => console.log(name))`,
      `failpoint('here'); armFailpoints('here:2'); failpoint('here'); failpoint('there'); failpoint('here'); console.log('end')`,
    ].join(';')
    const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', steered], {
      encoding: 'utf8',
      env: {},
    })
    assert.equal(signal, 'SIGKILL')
    assert.equal(stdout, 'here\nhere\nthere\nhere\n')
  })

  test('refuse what is not a count', () => {
    assert.throws(() => parseFailpoints('here:zero'), /here:zero/)
    assert.deepEqual(
      [...parseFailpoints(' a , b:3,')],
      [
        ['a', 1],
        ['b', 3],
      ],
    )
  })
})
