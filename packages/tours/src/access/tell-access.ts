import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { addPerson, type Person, personOf, signIn } from '../people.ts'
import type { Stage } from '../stage.ts'
import { gone, remove, signInAndJoin } from '../steps.ts'
import type { CommandResult, Story } from '../story.ts'
import { tellAgent } from './tell-agent.ts'
import { departments, greedyPod, pod } from './documents.ts'

const image = 'docker.io/library/busybox:1.35'
const endSeconds = 5

/** Two departments, kubectl as each of their people, one of them disabled in the middle of an exec, and a cluster that dials in. */
export async function tellAccess(story: Story, stage: Stage): Promise<void> {
  const flotilla = (...args: string[]) => story.run(stage.flotilla, args)
  const quietly = (...args: string[]) => story.run(stage.flotilla, args, { quiet: true })
  const as = (person: Person, ...args: string[]): Promise<CommandResult> =>
    story.run(stage.flotilla, args, { as: person })
  const kubectl = (person: Person, ...args: string[]): Promise<CommandResult> =>
    story.run(stage.kubectl, args, { as: person })

  await story.step('The clusters', () => signInAndJoin(story, stage))

  await story.step('Two departments, each in a cluster of its own', async () => {
    story.cleanUp('the departments', async () => {
      for (const [project, workspace] of [
        ['tour-rose', 'tour-red'],
        ['tour-sky', 'tour-blue'],
      ] as const) {
        await remove(story, stage, ['project', project, '-w', workspace, '--objects', 'delete'])
        await gone(story, stage, ['project', project, '-w', workspace])
        await remove(story, stage, ['workspace', workspace])
      }
    })
    const file = path.join(stage.scratch, 'departments.yaml')
    await writeFile(file, departments)
    await story.demand('workspaces and projects are wanted', flotilla('apply', '-f', file))
    await story.eventually('both projects are ready', 30, async () => {
      const red = await quietly('get', 'project', 'tour-rose', '-w', 'tour-red')
      const blue = await quietly('get', 'project', 'tour-sky', '-w', 'tour-blue')
      return { ok: /\bTrue\b/.test(red.output) && /\bTrue\b/.test(blue.output), seen: red.output + blue.output }
    })
  })

  const [dora, otto, vera] = ['dora', 'otto', 'vera'].map((name) => personOf(stage, `tour-${name}`)) as [
    Person,
    Person,
    Person,
  ]
  await story.step('Three people with different roles', async () => {
    for (const person of [dora, otto, vera]) await addPerson(story, stage, person)
    await story.demand('dora develops red', flotilla('member', 'add', 'tour-dora', 'developer', '-w', 'tour-red'))
    await story.demand(
      'otto operates one project of red',
      flotilla('member', 'add', 'tour-otto', 'operator', '-n', 'tour-rose'),
    )
    await story.demand('vera looks at blue', flotilla('member', 'add', 'tour-vera', 'viewer', '-w', 'tour-blue'))
    for (const person of [dora, otto, vera]) await signIn(story, stage, person)
    await story.demand('who has a role in the project is seen', flotilla('member', 'list', '-n', 'tour-rose'))
  })
  await story.step('Each has plain kubectl, for what is theirs', async () => {
    for (const person of [dora, otto, vera])
      await story.eventually(`${person.name} has a kubeconfig`, 20, async () => {
        const { code, output } = await story.run(stage.flotilla, ['kubeconfig'], { quiet: true, as: person })
        return { ok: code === 0, seen: output }
      })
    const { code, output } = await as(vera, 'kubeconfig', '--cluster', 'east')
    story.expect(code !== 0 && output.includes('no role that reaches it'), 'vera has no east', () => output)
  })

  await story.step('What they may do is what the cluster says', async () => {
    // what people made by themselves would keep the namespace, and the next tour from its project
    story.cleanUp('the pod', async () => {
      const args = ['--context', 'east', '-n', 'tour-rose', 'delete', 'pod', 'desk', '--ignore-not-found']
      await story.run(stage.kubectl, args, { quiet: true })
    })
    const file = path.join(stage.scratch, 'desk.yaml')
    await writeFile(file, pod(image))
    await story.demand('dora starts a pod', kubectl(dora, '--context', 'flotilla-east', 'apply', '-f', file))
    await story.demand(
      'it runs',
      kubectl(dora, '--context', 'flotilla-east', 'wait', '--for=condition=Ready', 'pod/desk', '--timeout=60s'),
    )
    const greedy = path.join(stage.scratch, 'greedy.yaml')
    await writeFile(greedy, greedyPod(image))
    const refused = await kubectl(dora, '--context', 'flotilla-east', 'apply', '-f', greedy)
    story.expect(
      /exceeded quota: flotilla/.test(refused.output),
      'more than the quota of the project is refused',
      () => refused.output,
    )
    await story.demand('otto sees it', kubectl(otto, '--context', 'flotilla-east', 'get', 'pods'))
    const exec = await kubectl(otto, '--context', 'flotilla-east', 'exec', 'desk', '--', 'id')
    story.expect(/forbidden/i.test(exec.output), 'otto may not exec', () => exec.output)
    const elsewhere = await kubectl(vera, '--context', 'flotilla-west', 'create', 'configmap', 'mine')
    story.expect(/forbidden/i.test(elsewhere.output), 'vera may only look', () => elsewhere.output)
    const other = await kubectl(dora, '--context', 'flotilla-east', '--as', 'system:admin', 'get', 'pods')
    story.expect(/everybody acts as themselves/.test(other.output), 'nobody is somebody else', () => other.output)
  })

  await story.step('Dora is disabled in the middle of an exec', async () => {
    const args = ['--context', 'flotilla-east', 'exec', 'desk', '--', 'sh', '-c', 'touch /tmp/begun; sleep 300']
    const running = kubectl(dora, ...args)
    await story.eventually('it runs', 20, async () => {
      const look = ['--context', 'east', '-n', 'tour-rose', 'exec', 'desk', '--', 'ls', '/tmp/begun']
      const { code, output } = await story.run(stage.kubectl, look, { quiet: true })
      return { ok: code === 0, seen: output }
    })
    await story.demand('she is disabled', flotilla('people', 'disable', 'tour-dora'))
    const disabled = performance.now()
    const { code } = await running
    const took = (performance.now() - disabled) / 1000
    story.expect(
      code !== 0 && took < endSeconds,
      `her exec ended within ${endSeconds} s (after ${took.toFixed(1)} s)`,
      () => `exit code ${code} after ${took.toFixed(1)} s`,
    )
    const again = await kubectl(dora, '--context', 'flotilla-east', 'get', 'pods')
    story.expect(/logged in|Unauthorized/.test(again.output), 'she is out', () => again.output)
  })

  await story.step('Somebody takes the quota away behind our back', async () => {
    const inEast = ['--context', 'east', '-n', 'tour-rose']
    await story.demand(
      'the quota was deleted',
      story.run(stage.kubectl, [...inEast, 'delete', 'resourcequota', 'flotilla']),
    )
    await story.eventually('it is there again', 20, async () => {
      const { code, output } = await story.run(stage.kubectl, [...inEast, 'get', 'resourcequota', 'flotilla'], {
        quiet: true,
      })
      return { ok: code === 0, seen: output }
    })
  })

  await tellAgent(story, stage, vera)
}
