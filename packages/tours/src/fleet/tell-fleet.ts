import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Stage } from '../stage.ts'
import type { CommandResult, Story } from '../story.ts'
import { gone, remove, signInAndJoin } from '../steps.ts'
import { application, project } from './documents.ts'

const app = 'tour-shop/shop'
const inNamespace = ['-n', 'tour-shop']

/** Three clusters, one application delivered to two of them with differences, drift repaired, a cluster cut and healed. */
export async function tellFleet(story: Story, stage: Stage): Promise<void> {
  const flotilla = (...args: string[]) => story.run(stage.flotilla, args)
  const kubectl = (cluster: string, ...args: string[]) =>
    story.run(stage.kubectl, ['--context', cluster, ...inNamespace, ...args])
  const quietly = (cluster: string, ...args: string[]) =>
    story.run(stage.kubectl, ['--context', cluster, ...inNamespace, ...args], { quiet: true })
  const demand = (what: string, run: Promise<CommandResult>) => story.demand(what, run)
  const apply = async (name: string, text: string) => {
    const file = path.join(stage.scratch, name)
    await writeFile(file, text)
    return flotilla('apply', '-f', file)
  }

  await story.step('The clusters', async () => {
    await signInAndJoin(story, stage)
  })

  await story.step('One application for both, with what differs', async () => {
    story.cleanUp('the project and its workspace', async () => {
      await remove(story, stage, ['project', 'tour-shop', '-w', 'tour', '--objects', 'delete'])
      await gone(story, stage, ['project', 'tour-shop', '-w', 'tour'])
      await remove(story, stage, ['workspace', 'tour'])
    })
    await demand('a workspace and a project', apply('project.yaml', project))
    await story.eventually('the project is ready', 30, async () => {
      const { output } = await story.run(stage.flotilla, ['get', 'project', 'tour-shop', '-w', 'tour'], { quiet: true })
      return { ok: /\bTrue\b/.test(output), seen: output }
    })
    story.cleanUp('the application and what it delivered', async () => {
      await remove(story, stage, ['application', app, '--objects', 'delete'])
      await gone(story, stage, ['application', 'shop', '-n', 'tour-shop'])
    })
    await demand('the shop is wanted', apply('shop.yaml', application({ chart: stage.chart, message: 'Welcome' })))
    await demand('it is healthy in both', flotilla('status', app, '--wait', '3m'))
  })

  await story.step('Who set this value?', async () => {
    const output = await demand(
      'the answer names the layer',
      flotilla('explain', app, 'web.replicas', '--cluster', 'west'),
    )
    story.expect(output.includes('west-is-busy'), 'west-is-busy set it', () => output)
    for (const [cluster, replicas] of [
      ['east', '1'],
      ['west', '2'],
    ] as const) {
      const { output: seen } = await kubectl(
        cluster,
        'get',
        'deployment',
        'shop-web',
        '-o',
        'jsonpath={.spec.replicas}',
      )
      story.expect(seen.trim() === replicas, `${cluster} runs ${replicas}`, () => seen)
    }
  })

  await story.step('Plain helm sees the same release', async () => {
    const { output } = await story.run(stage.helm, ['--kube-context', 'west', ...inNamespace, 'list'])
    story.expect(/shop\s+tour-shop\s+1\s.*deployed/.test(output), 'the release is there, deployed', () => output)
  })

  await story.step('Somebody changes west by hand', async () => {
    const patch = ['patch', 'configmap', 'shop-web', '--type', 'merge', '-p', '{"data":{"MESSAGE":"Hacked"}}']
    await demand('the configuration was changed', kubectl('west', ...patch))
    await story.eventually('it is as wanted again', 20, async () => {
      const { output } = await quietly('west', 'get', 'configmap', 'shop-web', '-o', 'jsonpath={.data.MESSAGE}')
      return { ok: output === 'Welcome', seen: `MESSAGE is ${output}` }
    })
    await demand('a whole Deployment was deleted', kubectl('west', 'delete', 'deployment', 'shop-api', '--wait=false'))
    await story.eventually('it is back', 30, async () => {
      const { code, output } = await quietly('west', 'get', 'deployment', 'shop-api', '-o', 'name')
      return { ok: code === 0, seen: output }
    })
    await demand('all is healthy', flotilla('status', app, '--wait', '2m'))
  })

  const uids = async () =>
    (
      await quietly(
        'east',
        'get',
        'deployment,service,configmap',
        '-o',
        'jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.uid}{"\\n"}{end}',
      )
    ).output
  const before = await uids()

  await story.step('East is cut off while a change goes out', async () => {
    story.cleanUp('east is healed', () => stage.fleet.clusters['east']?.heal() ?? Promise.resolve())
    await stage.fleet.clusters['east']?.cut()
    story.see('$ flotilla local cut east')
    await demand(
      'a new message is wanted',
      apply('shop.yaml', application({ chart: stage.chart, message: 'Hello again' })),
    )
    await story.eventually('west has it', 90, async () => {
      const { output } = await quietly('west', 'get', 'configmap', 'shop-web', '-o', 'jsonpath={.data.MESSAGE}')
      return { ok: output === 'Hello again', seen: `west says ${output}` }
    })
    await story.eventually('east is said to be unknown, never empty', 60, async () => {
      const { output } = await story.run(stage.flotilla, ['status', app], { quiet: true })
      return { ok: /unknown/i.test(output), seen: output }
    })
  })

  await story.step('East is healed', async () => {
    await stage.fleet.clusters['east']?.heal()
    story.see('$ flotilla local heal east')
    await story.eventually('east has the new message by itself', 10, async () => {
      const { output } = await quietly('east', 'get', 'configmap', 'shop-web', '-o', 'jsonpath={.data.MESSAGE}')
      return { ok: output === 'Hello again', seen: `east says ${output}` }
    })
    await demand('all is healthy', flotilla('status', app, '--wait', '2m'))
    const after = await uids()
    story.expect(after === before, 'nothing was deleted and made again in east', () => `${before}\n  then\n${after}`)
  })

  await story.step('Back to the first revision', async () => {
    await demand('history names what was wanted', flotilla('history', app))
    await demand('revision 1 is wanted again', flotilla('revert', app, '1', '--wait', '2m'))
    const { output } = await kubectl('east', 'get', 'configmap', 'shop-web', '-o', 'jsonpath={.data.MESSAGE}')
    story.expect(output.trim() === 'Welcome', 'east says Welcome', () => output)
  })
}
