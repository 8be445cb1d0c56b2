import type { Stage } from './stage.ts'
import type { Story } from './story.ts'

/** The administrator signs in where the environment brought no token, and east and west are in the fleet. */
export async function signInAndJoin(story: Story, stage: Stage): Promise<void> {
  const { signIn } = stage
  if (signIn !== undefined) {
    const args = ['login', signIn.url, '--username', 'admin', '--password-stdin']
    await story.demand('signed in', story.run(stage.flotilla, args, { input: signIn.password }))
  }
  await joinClusters(story, stage)
  await story.eventually('east and west are connected', 30, async () => {
    const { output } = await story.run(stage.flotilla, ['cluster', 'list'], { quiet: true })
    return { ok: /east +Connected/.test(output) && /west +Connected/.test(output), seen: output }
  })
}

/** Adds east and west where they are not in the fleet yet, and takes them out again at the end. */
async function joinClusters(story: Story, stage: Stage): Promise<void> {
  for (const name of ['east', 'west']) {
    if (await isInFleet(story, stage, name)) continue
    const file = stage.fleet.clusters[name]?.kubeconfigPath ?? ''
    const added = await story.run(stage.flotilla, ['cluster', 'add', name, '--kubeconfig', file])
    story.expect(added.code === 0, `${name} joined`, () => added.output)
    story.cleanUp(`${name} left the fleet`, async () => {
      const { code, output } = await story.run(stage.flotilla, ['cluster', 'remove', name, '--objects', 'delete'], {
        quiet: true,
      })
      if (code !== 0) throw new Error(output.trim())
      if (await isInFleet(story, stage, name)) throw new Error(`${name} is still in the fleet`)
    })
  }
}

/** One that is being removed is waited for until it has left, 60 s at most. */
async function isInFleet(story: Story, stage: Stage, name: string): Promise<boolean> {
  for (const deadline = Date.now() + 60_000; ;) {
    const { code, output } = await story.run(stage.flotilla, ['cluster', 'list'], { quiet: true })
    const state = new RegExp(`^${name} +(\\w+)`, 'm').exec(output)?.[1]
    if (code === 0 && state === undefined) return false
    if (state !== 'Removing' || Date.now() > deadline) return true
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** What is not there any more is removed already. */
export async function remove(story: Story, stage: Stage, what: readonly string[]): Promise<void> {
  const { code, output } = await story.run(stage.flotilla, ['delete', ...what], { quiet: true })
  if (code !== 0 && !output.includes('not_found')) throw new Error(output.trim())
}

export async function gone(story: Story, stage: Stage, what: readonly string[]): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const { code } = await story.run(stage.flotilla, ['get', ...what], { quiet: true })
    if (code !== 0) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`${what.slice(0, 2).join(' ')} is still there after 60 s`)
}
