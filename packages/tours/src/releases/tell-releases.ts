import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { addPerson, type Person, personOf, signIn } from '../people.ts'
import type { Stage } from '../stage.ts'
import { gone, remove, signInAndJoin } from '../steps.ts'
import type { Story } from '../story.ts'
import { application, plan, project } from './documents.ts'
import { tellGoingOut } from './tell-going-out.ts'

const app = 'tour-store/shop'

/** What the two halves of the story share. */
export interface ReleaseTour {
  readonly ann: Person
  readonly otto: Person
  /** Every place of the shop, and what its page's configuration says. */
  messages(): Promise<Readonly<Record<string, string>>>
}

/** Where the shop runs: cluster and namespace. */
const places = [
  ['east', 'tour-staging'],
  ['east', 'tour-store'],
  ['west', 'tour-store'],
] as const

/** The shop's whole way from v1 to v2 and back: a difference, a test that fails, an approval, a migration that runs once, a rollback. */
export async function tellReleases(story: Story, stage: Stage): Promise<void> {
  const [ann, otto] = [personOf(stage, 'tour-ann'), personOf(stage, 'tour-otto')]
  const flotilla = (...args: string[]) => story.run(stage.flotilla, args)
  const quietly = (...args: string[]) => story.run(stage.flotilla, args, { quiet: true })
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(stage.scratch, name)
    await writeFile(file, text)
    return file
  }
  const messages: ReleaseTour['messages'] = async () => {
    const seen: [string, string][] = []
    for (const [cluster, namespace] of places) {
      const args = [
        '--context',
        cluster,
        '-n',
        namespace,
        'get',
        'configmap',
        'shop-web',
        '-o',
        'jsonpath={.data.MESSAGE}',
      ]
      const { output } = await story.run(stage.kubectl, args, { quiet: true })
      seen.push([`${cluster}/${namespace}`, output.trim()])
    }
    return Object.fromEntries(seen)
  }

  await story.step('The clusters', () => signInAndJoin(story, stage))

  await story.step('The shop in three places: staging, and production in two clusters', async () => {
    story.cleanUp('the project with its releases, and its workspace', async () => {
      await remove(story, stage, ['project', 'tour-store', '-w', 'tour-market', '--objects', 'delete'])
      await gone(story, stage, ['project', 'tour-store', '-w', 'tour-market'])
      await remove(story, stage, ['workspace', 'tour-market'])
    })
    await story.demand('a workspace and a project', flotilla('apply', '-f', await write('project.yaml', project)))
    await story.eventually('the project is ready', 30, async () => {
      const { output } = await quietly('get', 'project', 'tour-store', '-w', 'tour-market')
      return { ok: /\bTrue\b/.test(output), seen: output }
    })
    story.cleanUp('the application and what it delivered', async () => {
      await remove(story, stage, ['application', app, '--objects', 'delete'])
      await gone(story, stage, ['application', 'shop', '-n', 'tour-store'])
    })
    const first = { chart: stage.chart, mode: 'direct', message: 'Welcome to v1', key: 'the-first-key' } as const
    await story.demand('v1 is wanted', flotilla('apply', '-f', await write('shop.yaml', application(first))))
    await story.demand('it is healthy in all three', flotilla('status', app, '--wait', '3m'))
  })

  await story.step('Two people: Ann makes releases, Otto says yes or no', async () => {
    for (const person of [ann, otto]) await addPerson(story, stage, person)
    await story.demand('Ann keeps the project', flotilla('member', 'add', ann.name, 'admin', '-n', 'tour-store'))
    await story.demand('Otto operates it', flotilla('member', 'add', otto.name, 'operator', '-n', 'tour-store'))
    for (const person of [ann, otto]) {
      await signIn(story, stage, person)
      await story.eventually(`${person.name} sees the shop`, 20, async () => {
        const { code, output } = await story.run(stage.flotilla, ['status', app], { quiet: true, as: person })
        return { ok: code === 0, seen: code === 0 ? '' : output }
      })
    }
  })

  await story.step('From now on by releases only: an edit changes nothing in any cluster', async () => {
    const second = { chart: stage.chart, mode: 'governed', message: 'Welcome to v2', key: 'the-second-key' } as const
    const file = await write('shop.yaml', application(second))
    await story.demand('Ann edits the shop', story.run(stage.flotilla, ['apply', '-f', file], { as: ann }))
    // as long as a delivery would take to begin
    await new Promise((resolve) => setTimeout(resolve, 3000))
    const seen = await messages()
    const all = Object.values(seen).every((message) => message === 'Welcome to v1')
    story.expect(all, 'every place still says "Welcome to v1"', () => JSON.stringify(seen))
  })

  await story.step('Ann makes a release: another image, and what she edited', async () => {
    const image = 'shop/docker.io/shop/web=docker.io/shop/web:1.1.0'
    const create = ['release', 'create', app, '--name', 'v2', '--image', image, '--ticket', 'SHOP-12']
    await story.demand('it is drafted', story.run(stage.flotilla, create, { as: ann }))
    const freeze = ['release', 'freeze', 'tour-store/v2', '--wait']
    await story.demand('it is rendered for every place, once', story.run(stage.flotilla, freeze, { as: ann }))
  })

  await story.step('What exactly would change?', async () => {
    const diff = ['release', 'diff', 'tour-store/v2', '--cluster', 'west']
    const shown = await story.demand('Otto reads it', story.run(stage.flotilla, diff, { as: otto }))
    for (const line of [
      '-  MESSAGE: Welcome to v1',
      '+  MESSAGE: Welcome to v2',
      'docker.io/shop/web:1.1.0',
      '(secret)',
    ])
      story.expect(shown.includes(line), `it says "${line.trim()}"`, () => shown)
    story.expect(!/the-(first|second)-key/.test(shown), 'no secret is in it', () => shown)
  })

  await story.step('How it goes out: a plan', async () => {
    const file = await write('plan.yaml', plan)
    await story.demand('the plan is there', story.run(stage.flotilla, ['apply', '-f', file], { as: ann }))
    await story.demand('its stages', flotilla('plan', 'show', 'tour-store/staged'))
    const check = ['plan', 'check', 'tour-store/staged', '--release', 'v2']
    await story.demand('nothing speaks against it', story.run(stage.flotilla, check, { as: ann }))
  })

  await tellGoingOut(story, stage, { ann, otto, messages })
}
