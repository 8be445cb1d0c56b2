import path from 'node:path'
import type { Stage } from '../stage.ts'
import type { CommandResult, RunOptions, Story } from '../story.ts'

const name = 'tour-branch'
const endSeconds = 5

/** The fleet's own host joins once more, by an agent that dials out; kubectl goes through it until its token is revoked. */
export async function tellAgent(story: Story, stage: Stage, vera: NonNullable<RunOptions['as']>): Promise<void> {
  const hub = stage.fleet.clusters['hub']
  if (hub === undefined) throw new Error('the fleet has no hub')
  const tools = `${path.dirname(stage.kubectl)}:${process.env['PATH'] ?? ''}`
  const flotilla = (...args: string[]) => story.run(stage.flotilla, args)
  /** In the cluster, as its own administrator. */
  const inside = { name: 'branch', env: { KUBECONFIG: hub.kubeconfigPath, PATH: tools } }
  const kubectl = (...args: string[]): Promise<CommandResult> =>
    story.run(stage.kubectl, ['--context', `flotilla-${name}`, ...args], { as: vera })
  const isConnected = async () => {
    const { output } = await story.run(stage.flotilla, ['cluster', 'list', '-q', name], { quiet: true })
    return { ok: new RegExp(`${name} +Connected`).test(output), seen: output }
  }

  await story.step('A cluster joins by an agent that dials out', async () => {
    story.cleanUp(name, () => leave(story, stage, inside))
    const added = await story.run(stage.flotilla, ['cluster', 'add', name, '--agent', '--no-wait'])
    const command = added.output.split('\n').find((line) => line.startsWith('curl '))
    story.expect(command !== undefined, 'there is one command to run in it', () => added.output)
    // where the command was printed it is read above; it is good once
    const applied = await story.run('sh', ['-c', command ?? 'false'], { as: inside, quiet: true })
    story.expect(applied.code === 0, 'it was run where kubectl reaches the cluster', () => applied.output)
    await story.eventually('the agent has connected', 60, isConnected)
    story.cleanUp(`${vera.name} sees the platform no longer`, async () => {
      const { code, output } = await story.run(stage.flotilla, ['member', 'remove', vera.name, '--platform'], {
        quiet: true,
      })
      if (code !== 0) throw new Error(output.trim())
    })
    await story.demand('vera may look at every cluster', flotilla('member', 'add', vera.name, 'viewer', '--platform'))
    await story.eventually('it is a context of hers, like every other', 20, async () => {
      const args = ['kubeconfig', '--cluster', name]
      const { code, output } = await story.run(stage.flotilla, args, { as: vera, quiet: true })
      return { ok: code === 0, seen: output }
    })
    await story.eventually('kubectl goes through the tunnel', 20, async () => {
      const { code } = await kubectl('get', 'nodes')
      return { ok: code === 0, seen: '' }
    })
  })

  await story.step('Its token is revoked while somebody watches', async () => {
    const begun = Promise.withResolvers<undefined>()
    const watching = story.run(stage.kubectl, ['--context', `flotilla-${name}`, 'get', 'namespaces', '--watch'], {
      as: vera,
      onOutput: () => begun.resolve(undefined),
    })
    await Promise.race([begun.promise, watching])
    await story.demand('the agent has no token any more', flotilla('cluster', 'token', name, '--revoke'))
    const revoked = performance.now()
    await watching
    const took = (performance.now() - revoked) / 1000
    story.expect(
      took < endSeconds,
      `what was open ended within ${endSeconds} s (after ${took.toFixed(1)} s)`,
      () => `after ${took.toFixed(1)} s`,
    )
    const { code, output } = await kubectl('get', 'nodes')
    story.expect(code !== 0, 'nothing goes through', () => output)
  })

  await story.step('Another token, and it leaves without a trace', async () => {
    const manifest = await story.run(stage.flotilla, ['cluster', 'token', name, '--print', 'manifest'], { quiet: true })
    await story.demand(
      'the agent has another token',
      story.run(stage.kubectl, ['apply', '-f', '-'], { as: inside, input: manifest.output }),
    )
    const restart = ['-n', 'flotilla-system', 'rollout', 'restart', 'deploy/flotilla-agent']
    await story.run(stage.kubectl, restart, { as: inside, quiet: true })
    await story.eventually('it is back', 60, isConnected)
    await story.demand('it leaves', flotilla('cluster', 'remove', name, '--objects', 'keep'))
    await story.eventually('nothing of the agent is left', 60, async () => {
      const look = ['-n', 'flotilla-system', 'get', 'deploy,secret,serviceaccount', '-o', 'name']
      const { output } = await story.run(stage.kubectl, look, { as: inside, quiet: true })
      return { ok: !output.includes('/flotilla-agent'), seen: '' }
    })
  })
}

/** Also what is left of it when the tour ended in the middle. */
async function leave(story: Story, stage: Stage, inside: { name: string; env: NodeJS.ProcessEnv }): Promise<void> {
  const remove = ['cluster', 'remove', name, '--objects', 'keep']
  const { code, output } = await story.run(stage.flotilla, remove, { quiet: true })
  if (code !== 0 && !/not_found|no cluster/.test(output)) throw new Error(output.trim())
  const named = ['deploy/flotilla-agent', 'secret/flotilla-agent', 'serviceaccount/flotilla-agent']
  const ours = ['clusterrolebinding/flotilla-agent', ...named, '-n', 'flotilla-system', '--ignore-not-found']
  await story.run(stage.kubectl, ['delete', ...ours], { as: inside, quiet: true })
}
