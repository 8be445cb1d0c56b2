import type { Stage } from '../stage.ts'
import type { CommandResult, Story } from '../story.ts'
import type { ReleaseTour } from './tell-releases.ts'

/** Most is waiting for pods, which takes its time where much else goes on. */
const longSeconds = 180
const inStaging = ['--context', 'east', '-n', 'tour-staging']

/** From the start of the rollout to the end of the rollback. */
export async function tellGoingOut(story: Story, stage: Stage, { ann, otto, messages }: ReleaseTour): Promise<void> {
  const asAnn = (...args: string[]): Promise<CommandResult> => story.run(stage.flotilla, args, { as: ann })
  const asOtto = (...args: string[]): Promise<CommandResult> => story.run(stage.flotilla, args, { as: otto })
  const quietly = (...args: string[]) => story.run(stage.flotilla, args, { quiet: true })
  /** Looks at a rollout until it says this, and shows it as it is then. */
  const comesTo = (expected: string, rollout: string, text: RegExp): Promise<void> =>
    story.eventually(expected, longSeconds, async () => {
      const { output } = await quietly('rollout', 'status', `tour-store/${rollout}`)
      return { ok: text.test(output), seen: output }
    })
  const everywhere = async (message: string): Promise<void> => {
    const seen = await messages()
    const all = Object.values(seen).every((one) => one === message)
    story.expect(all, `every place says "${message}"`, () => JSON.stringify(seen))
  }
  /** The shop's API in staging counts what is reported to it, as long as its pod lives. */
  const ranOnce = async (): Promise<void> => {
    const ask = ['exec', 'deployment/shop-api', '--', 'wget', '-q', '-O', '-', 'http://127.0.0.1:8080/runs']
    const { output } = await story.run(stage.kubectl, [...inStaging, ...ask])
    story.expect(output.includes('"to-schema-2":1'), 'the migration ran once', () => output)
  }

  await story.step('It goes out, and a test fails in staging: it pauses by itself', async () => {
    story.cleanUp('what the test should find', async () => {
      await story.run(stage.kubectl, [...inStaging, 'delete', 'configmap', 'acceptance', '--ignore-not-found'], {
        quiet: true,
      })
    })
    // whoever wrote down what the page should say was ahead of the times
    const wanted = ['create', 'configmap', 'acceptance', '--from-literal=page=Welcome to v3']
    await story.demand('the test looks for this', story.run(stage.kubectl, [...inStaging, ...wanted]))
    await story.demand('it has begun', asAnn('release', 'start', 'tour-store/v2', '--plan', 'staged'))
    await comesTo('it is paused, and says why', 'v2-1', /^Paused.*StageFailed.*The step page failed/m)
    const test = await asAnn('rollout', 'logs', 'tour-store/v2-1', '--step', 'page')
    story.expect(
      test.output.includes('does not say: Welcome to v3'),
      'what the test printed is kept',
      () => test.output,
    )
    const log = await asAnn('rollout', 'logs', 'tour-store/v2-1', '--stage', 'staging', '--step', 'migrate')
    story.expect(log.output.includes('to schema 2'), 'what the migration printed is kept', () => log.output)
    const seen = await messages()
    const production = Object.entries(seen).filter(([place]) => !place.endsWith('staging'))
    const untouched = production.every(([, message]) => message === 'Welcome to v1')
    story.expect(untouched, 'production has not changed', () => JSON.stringify(seen))
  })

  await story.step('The mistake is mended, and the place is tried again', async () => {
    const patch = ['patch', 'configmap', 'acceptance', '--type', 'merge', '-p', '{"data":{"page":"Welcome to v2"}}']
    await story.demand('the test looks for v2 now', story.run(stage.kubectl, [...inStaging, ...patch]))
    const retry = ['rollout', 'retry', 'tour-store/v2-1', '--target', 'east/tour-staging']
    await story.demand('once more', asAnn(...retry))
    await comesTo(
      'staging is done, and the canary waits for a yes',
      'v2-1',
      /^Waits for .*approval go .* since \d{4}-/m,
    )
    await ranOnce()
  })

  await story.step('Somebody else has to say yes', async () => {
    const own = await asAnn('approve', 'tour-store/v2', '--yes')
    story.expect(own.code !== 0 && own.output.includes('approval.void'), 'its author may not', () => own.output)
    const { output } = await quietly('rollout', 'status', 'tour-store/v2-1')
    story.expect(output.includes('approval go (0 of 1)'), 'and nobody has yet', () => output)
    await story.demand('Otto approves what he read', asOtto('approve', 'tour-store/v2', '--yes', '--note', 'Read it'))
    await comesTo('the canary, then the rest', 'v2-1', /^Succeeded/m)
    await everywhere('Welcome to v2')
  })

  await story.step('What runs where, and who said so?', async () => {
    const where = await story.demand('the image is found', asOtto('where', 'docker.io/shop/web:1.1.0'))
    const places = ['east/tour-staging', 'east/tour-store', 'west/tour-store']
    story.expect(
      places.every((place) => where.includes(place)),
      'in all three places',
      () => where,
    )
    // staging had it before anybody was asked
    await story.eventually('history names the release and, in production, who approved it', 20, async () => {
      const { output } = await quietly('history', '--app', 'tour-store/shop', '--component', 'shop', '--release', 'v2')
      const rows = output.split('\n').filter((line) => /\bv2\b/.test(line))
      const approved = rows.filter((line) => line.includes(otto.name))
      return { ok: rows.length === 3 && approved.length === 2, seen: output }
    })
  })

  await story.step('Back to v1, all of it', async () => {
    const back = ['rollout', 'rollback', 'tour-store/v2-1', '--reason', 'Orders are lost']
    await story.demand('Otto takes it back', asOtto(...back))
    await comesTo('all of it went back', 'v2-1-back-1', /^RolledBack/m)
    await everywhere('Welcome to v1')
    await ranOnce()
    const { output } = await asAnn('release', 'show', 'tour-store/v2')
    story.expect(output.includes('RolledBack'), 'the release was taken back', () => output)
  })

  await story.step('Nothing goes out over a rollback', async () => {
    const start = ['release', 'start', 'tour-store/v2', '--plan', 'staged']
    const refused = await asAnn(...start)
    story.expect(refused.code !== 0 && refused.output.includes('on hold'), 'a start is refused', () => refused.output)
    await story.demand('until somebody lifts the hold', asOtto('hold', 'lift', 'tour-store/shop'))
    const check = ['plan', 'check', 'tour-store/staged', '--release', 'v2']
    await story.demand('now it could go out again', asAnn(...check))
  })
}
